import {
  decodePayload,
  describeError,
  isCovered,
  parseDeviceTopic,
  replayTopic,
  statePayload,
  willTopic,
} from '@ankang/protocol'
import { type Refusal, refuse } from '../refusals.ts'
import type { BrokerLimits } from './broker-limits.ts'
import type { Caller, DeviceCaller } from './caller.ts'

/* Who may do what on the broker, as decisions alone. Source: formats.md §6, protocol/src/topics/access.ts. */

export interface WantedPublish {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: number
  readonly retain: boolean
}

const covers = (allowed: readonly string[], filter: string): boolean => allowed.some(one => isCovered(filter, one))

function longestPayload({ address }: DeviceCaller, topic: string, limits: BrokerLimits): number {
  if (topic === replayTopic(address.site)) return limits.replayPayloadBytes
  return parseDeviceTopic(topic)?.channel === 'records' ? limits.batchPayloadBytes : limits.shortPayloadBytes
}

/** Null where it may. */
export function publishRefusal(caller: Caller, wanted: WantedPublish, limits: BrokerLimits): Refusal | null {
  const { topic, payload, qos, retain } = wanted
  if (caller.kind === 'tool') return refuse('publish-forbidden', `a token reads and never publishes; tried ${topic}`)
  if (!covers(caller.writes.all, topic)) return refuse('publish-foreign', `not this device's to publish on: ${topic}`)
  // a wildcard level takes any text, and a zero byte in one ends the lines of those who hear it
  if (topic !== replayTopic(caller.address.site) && parseDeviceTopic(topic) === null)
    return refuse('publish-foreign', `expected an order's id, got ${JSON.stringify(topic)}`)
  if (retain && !covers(caller.writes.retained, topic))
    return refuse('retain-foreign', `nothing is left lying on ${topic}`)
  if (qos > 1) return refuse('qos-2', 'expected QoS 0 or 1: what a device sends twice is recognised by what it is')
  const longest = longestPayload(caller, topic, limits)
  return payload.length <= longest
    ? null
    : refuse('payload-too-large', `expected at most ${longest} bytes on ${topic}, got ${payload.length}`)
}

/** Null where it may. */
export function subscribeRefusal(caller: Caller, filter: string): Refusal | null {
  return covers(caller.reads, filter) ? null : refuse('subscribe-foreign', `not this client's to hear: ${filter}`)
}

/** The second wall: what was subscribed to before a rule changed, or by a fault, is still not handed over. */
export function mayHear(caller: Caller, topic: string): boolean {
  return covers(caller.reads, topic)
}

/** Null where it may be left: a device says of itself, shortly, how it is. */
export function willRefusal(caller: Caller, will: WantedPublish, limits: BrokerLimits): Refusal | null {
  if (caller.kind === 'tool') return refuse('will-foreign', 'a token reads and leaves no will')
  if (will.topic !== willTopic(caller.address))
    return refuse('will-foreign', `expected a will on ${willTopic(caller.address)}, got ${will.topic}`)
  if (will.payload.length > limits.willBytes || will.qos > 1)
    return refuse('will-invalid', `expected a will of at most ${limits.willBytes} bytes and QoS 0 or 1`)
  try {
    decodePayload(statePayload, will.payload, will.topic)
    return null
  } catch (error) {
    return refuse('will-invalid', describeError(error))
  }
}
