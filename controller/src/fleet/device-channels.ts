import {
  alarmPayload,
  birthPayload,
  type Catalogue,
  channelFilter,
  type DeviceChannel,
  decodePayload,
  describeError,
  healthPayload,
  reportedPayload,
  statePayload,
} from '@ankang/protocol'
import type { Letter, Postman } from '../broker/postman.ts'
import type { DeviceDirectory, KnownDevice } from '../ingest/device-directory.ts'
import { claimedSender } from '../ingest/sender.ts'
import { type Refusal, type Refusals, refuse } from '../refusals.ts'
import type { DeviceStatus } from './device-status.ts'
import type { Fleet } from './fleet.ts'
import { plainWords } from './plain-words.ts'
import { knownReport } from './reported.ts'
import { knownScene } from './views.ts'

/** JSON for people is short; whatever is longer is none of ours. */
const MAX_JSON_BYTES = 16 * 1024
const MAX_NAME_CHARS = 60

/** Told that a device has come, after the fleet knows its boot nonce. Must not throw and must not wait. */
export interface BirthListener {
  onBirth(known: KnownDevice): void
}

interface DeviceChannelParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly refusals: Refusals
  readonly fleet: Fleet
  readonly catalogue: Catalogue
  readonly births: readonly BirthListener[]
}

/** Absent from a program that knows no lockdown. */
function lockdownOf({ lockdown }: { readonly lockdown?: boolean | undefined }): Partial<DeviceStatus> {
  return lockdown === undefined ? {} : { lockdown }
}

/** Channel → what its payload changes. Unsigned, so it is shown and nothing rests on it. */
const READERS: readonly (readonly [DeviceChannel, (letter: Letter, catalogue: Catalogue) => Partial<DeviceStatus>])[] =
  [
    [
      'state',
      ({ topic, payload }, catalogue) => {
        const said = decodePayload(statePayload, payload, topic)
        const scene = said.scene === undefined ? {} : { scene: knownScene(catalogue, said.scene) }
        return { state: said.state, ...scene, ...lockdownOf(said) }
      },
    ],
    [
      'birth',
      ({ topic, payload }, catalogue) => {
        const { scene, head, bootNonce, firmware, hardware } = decodePayload(birthPayload, payload, topic)
        return {
          scene: knownScene(catalogue, scene),
          head: { epoch: head.epoch, seq: head.seq },
          bootNonce,
          firmware: plainWords(firmware, MAX_NAME_CHARS),
          hardware: plainWords(hardware, MAX_NAME_CHARS),
        }
      },
    ],
    [
      'health',
      ({ topic, payload }) => {
        const said = decodePayload(healthPayload, payload, topic)
        return { backlog: said.backlog, clock: said.clock, ...lockdownOf(said) }
      },
    ],
    ['reported', ({ topic, payload }) => ({ reported: knownReport(decodePayload(reportedPayload, payload, topic)) })],
    [
      'alarms',
      ({ topic, payload }) => {
        const { timeMs, kind, detail } = decodePayload(alarmPayload, payload, topic)
        return { lastAlarm: { timeMs, kind, detail: plainWords(detail) } }
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
  births,
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
      } catch (error) {
        return refuse('malformed', describeError(error))
      }
      if (channel === 'birth') for (const listener of births) listener.onBirth(sender.known)
      return null
    }
    await postman.subscribe(channelFilter(channel), refusals.noting(take))
  }
}
