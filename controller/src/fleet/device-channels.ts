import {
  alarmPayload,
  birthPayload,
  type Catalogue,
  channelFilter,
  type DeviceChannel,
  decodePayload,
  describeError,
  healthPayload,
  statePayload,
} from '@ankang/protocol'
import type { Letter, Postman } from '../broker/postman.ts'
import type { DeviceDirectory } from '../ingest/device-directory.ts'
import { type Refusal, type Refusals, refuse } from '../ingest/refusals.ts'
import { claimedSender } from '../ingest/sender.ts'
import type { DeviceStatus } from './device-status.ts'
import type { Fleet } from './fleet.ts'
import { knownScene } from './views.ts'

/** JSON for people is short; whatever is longer is none of ours. */
const MAX_JSON_BYTES = 16 * 1024
const MAX_DETAIL_CHARS = 200
/** No alarm needs one, and numbers of persons and cards are that long. */
const LONG_NUMBER = /\d{11,}[\dXx]?/g

interface DeviceChannelParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly refusals: Refusals
  readonly fleet: Fleet
  readonly catalogue: Catalogue
}

/** Channel → what its payload changes. Unsigned, so it is shown and nothing rests on it. */
const READERS: readonly (readonly [DeviceChannel, (letter: Letter, catalogue: Catalogue) => Partial<DeviceStatus>])[] =
  [
    [
      'state',
      ({ topic, payload }, catalogue) => {
        const { state, scene } = decodePayload(statePayload, payload, topic)
        return { state, ...(scene === undefined ? {} : { scene: knownScene(catalogue, scene) }) }
      },
    ],
    [
      'birth',
      ({ topic, payload }, catalogue) => {
        const { scene, head } = decodePayload(birthPayload, payload, topic)
        return { scene: knownScene(catalogue, scene), head: { epoch: head.epoch, seq: head.seq } }
      },
    ],
    ['health', ({ topic, payload }) => ({ backlog: decodePayload(healthPayload, payload, topic).backlog })],
    [
      'alarms',
      ({ topic, payload }) => {
        const { timeMs, kind, detail } = decodePayload(alarmPayload, payload, topic)
        return { lastAlarm: { timeMs, kind, detail: detail.slice(0, MAX_DETAIL_CHARS).replace(LONG_NUMBER, '…') } }
      },
    ],
  ]

/** Follows what devices say about themselves. */
export async function followDevices({
  postman,
  directory,
  refusals,
  fleet,
  catalogue,
}: DeviceChannelParts): Promise<void> {
  for (const [channel, read] of READERS) {
    const take = (letter: Letter): Refusal | null => {
      const sender = claimedSender(directory, letter.topic)
      if (!sender.ok) return sender
      if (letter.payload.length === 0) return null // a retained message was cleared
      if (letter.payload.length > MAX_JSON_BYTES)
        return refuse('malformed', `expected at most ${MAX_JSON_BYTES} bytes of JSON`)
      try {
        fleet.heard(sender.known, read(letter, catalogue))
        return null
      } catch (error) {
        return refuse('malformed', describeError(error))
      }
    }
    await postman.subscribe(channelFilter(channel), refusals.noting(take))
  }
}
