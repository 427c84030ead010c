import * as v from 'valibot'
import { TIME_TRUST } from '../record/body.ts'
import { parseJson, parseWith } from '../schema.ts'

/* JSON payloads of topics a person may look at. Source: formats.md §6. No person is in any of them. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const hexOf = (lengthBytes: number) => v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(lengthBytes * 2))

export const DEVICE_STATES = ['init', 'ready', 'offline', 'lost', 'alert'] as const

export const statePayload = v.object({
  state: v.picklist(DEVICE_STATES),
  /** Unix milliseconds of the device; absent in the will. */
  timeMs: v.optional(count),
  scene: v.optional(v.string()),
  detail: v.optional(v.string()),
  /** Whether nobody is let in. Absent from programs that know no lockdown. */
  lockdown: v.optional(v.boolean()),
})
export type StatePayload = v.InferOutput<typeof statePayload>

export const birthPayload = v.object({
  bootNonce: hexOf(16),
  firmware: v.string(),
  hardware: v.string(),
  scene: v.string(),
  head: v.object({ epoch: hexOf(8), seq: count, link: hexOf(32) }),
  bundleVersions: v.object({ trust: count, policy: v.optional(count) }),
})
export type BirthPayload = v.InferOutput<typeof birthPayload>

export const healthPayload = v.object({
  timeMs: count,
  /** Records not yet confirmed by a receipt. */
  backlog: count,
  oldestUnsentMs: v.nullable(count),
  clock: v.picklist(TIME_TRUST),
  bundleAgeSeconds: v.nullable(count),
  /** Whether nobody is let in. Absent from programs that know no lockdown. */
  lockdown: v.optional(v.boolean()),
  counters: v.object({
    admitted: count,
    denied: count,
    referred: count,
    readerFaults: count,
    actionsFailed: count,
    /** Orders and desired states that were not heeded. Absent from programs that take none. */
    ordersRefused: v.optional(count),
  }),
  residentBytes: count,
})
export type HealthPayload = v.InferOutput<typeof healthPayload>

export const alarmPayload = v.object({
  timeMs: count,
  kind: v.picklist(['door', 'tamper', 'storage', 'clock', 'trust', 'fire', 'reader', 'ledger', 'order', 'identity']),
  detail: v.string(),
})
export type AlarmPayload = v.InferOutput<typeof alarmPayload>

/** What the box made of the desired state it has. */
export const reportedPayload = v.object({
  /** The version in force; 0 where none ever was. */
  version: count,
  appliedMs: v.nullable(count),
  config: v.record(v.string(), v.union([v.string(), count])),
  /** Why a newer one is not in force. */
  error: v.optional(v.object({ version: v.nullable(count), detail: v.pipe(v.string(), v.maxLength(400)) })),
})
export type ReportedPayload = v.InferOutput<typeof reportedPayload>

/** JSON bytes of a payload. */
export function encodePayload(
  payload: StatePayload | BirthPayload | HealthPayload | AlarmPayload | ReportedPayload,
): Buffer {
  return Buffer.from(JSON.stringify(payload))
}

/** Throws `payload-invalid`, naming the topic and the wrong place. */
export function decodePayload<S extends v.GenericSchema>(
  schema: S,
  bytes: Uint8Array,
  topic: string,
): v.InferOutput<S> {
  const context = { code: 'payload-invalid', source: topic }
  return parseWith(schema, parseJson(Buffer.from(bytes).toString('utf8'), context), context)
}
