/*
 * One record. Source: formats.md §5. Fields that do not apply are left out.
 *
 *   0 type · 1 seq · 2 time ms · 3 time trust · 4 scene · 5 outcome · 6 reason · 7 family · 8 colour · 9 showing tag bstr(8)
 *   10 sealed · 11 scene map · 12 [read, recognise, verify, decide] in 0.1 ms
 *   13 [issuer kid bstr(8), bundle version, list asOf, staleness], null where there is none
 */
import { type CborMap, type CborValue, type Decoded, decodeCbor } from '../codec/cbor.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { asArray, asBytes, asMap, asText, asUint } from '../codec/cbor-narrow.ts'
import { COLOURS, type Colour, colourFromNumber, colourToNumber } from '../colour.ts'
import { type Outcome, outcomeFromNumber, outcomeToNumber } from '../outcome.ts'

/** In the order of their numbers, from 1. */
export const RECORD_TYPES = [
  'showing',
  'session',
  'door',
  'command',
  'trust',
  'clock',
  'maintenance',
  'declared-loss',
  'action-failed',
] as const
export type RecordType = (typeof RECORD_TYPES)[number]

/** How far the clock can be trusted, numbered from 0. */
export const TIME_TRUST = ['unknown', 'holdover', 'synced'] as const
export type TimeTrust = (typeof TIME_TRUST)[number]

/** Age of the trust data a decision stood on, numbered from 0. */
export const STALENESS = ['fresh', 'ageing', 'too-old'] as const
export type Staleness = (typeof STALENESS)[number]

export const MAX_BODY_BYTES = 8192
const LIMITS = { maxBytes: MAX_BODY_BYTES, maxDepth: 8 }

/** Time of each stage before the record, in tenths of a millisecond. */
export interface StageTimes {
  readonly read: number
  readonly recognise: number
  readonly verify: number
  readonly decide: number
}

/** What the decision stood on. */
export interface Basis {
  readonly issuerKid: Uint8Array | null
  readonly bundleVersion: number | null
  /** Unix seconds. */
  readonly listAsOf: number | null
  readonly staleness: Staleness | null
}

export interface RecordBody {
  readonly type: RecordType
  readonly seq: number
  /** Unix milliseconds. */
  readonly timeMs: number
  readonly timeTrust: TimeTrust
  readonly scene?: string
  readonly outcome?: Outcome
  readonly reason?: string
  readonly family?: string
  readonly colour?: Colour
  readonly showingTag?: Uint8Array
  readonly sealed?: Uint8Array
  readonly sceneMap?: CborMap
  readonly stages?: StageTimes
  readonly basis?: Basis
}

export function encodeBody(body: RecordBody): Uint8Array {
  const map = new Map<number, unknown>([
    [0, RECORD_TYPES.indexOf(body.type) + 1],
    [1, body.seq],
    [2, body.timeMs],
    [3, TIME_TRUST.indexOf(body.timeTrust)],
  ])
  if (body.scene !== undefined) map.set(4, body.scene)
  if (body.outcome !== undefined) map.set(5, outcomeToNumber(body.outcome))
  if (body.reason !== undefined) map.set(6, body.reason)
  if (body.family !== undefined) map.set(7, body.family)
  if (body.colour !== undefined) map.set(8, colourToNumber(body.colour))
  if (body.showingTag !== undefined) map.set(9, body.showingTag)
  if (body.sealed !== undefined) map.set(10, body.sealed)
  if (body.sceneMap !== undefined) map.set(11, body.sceneMap)
  if (body.stages !== undefined)
    map.set(12, [body.stages.read, body.stages.recognise, body.stages.verify, body.stages.decide])
  if (body.basis !== undefined) {
    const { issuerKid, bundleVersion, listAsOf, staleness } = body.basis
    map.set(13, [issuerKid, bundleVersion, listAsOf, staleness === null ? null : STALENESS.indexOf(staleness)])
  }
  return encodeCbor(map)
}

type FieldReader = (value: CborValue) => unknown

function orNull<T>(
  value: CborValue | undefined,
  read: (value: CborValue) => T | null,
): { readonly ok: boolean; readonly value: T | null } {
  if (value === null) return { ok: true, value: null }
  const result = value === undefined ? null : read(value)
  return { ok: result !== null, value: result }
}

function readStages(value: CborValue): StageTimes | null {
  const [read, recognise, verify, decide] = (asArray(value) ?? []).map(item => asUint(item))
  if (asArray(value)?.length !== 4 || read == null || recognise == null || verify == null || decide == null) return null
  return { read, recognise, verify, decide }
}

function readBasis(value: CborValue): Basis | null {
  const items = asArray(value)
  const kid = orNull(items?.[0], item => asBytes(item, 8, 8))
  const version = orNull(items?.[1], item => asUint(item))
  const asOf = orNull(items?.[2], item => asUint(item))
  const staleness = orNull(items?.[3], item => STALENESS[asUint(item) ?? STALENESS.length] ?? null)
  if (items?.length !== 4 || !kid.ok || !version.ok || !asOf.ok || !staleness.ok) return null
  return { issuerKid: kid.value, bundleVersion: version.value, listAsOf: asOf.value, staleness: staleness.value }
}

/** Field number → property and reader; a null from the reader is a wrong type or size. */
const FIELDS: readonly (readonly [number: number, name: keyof RecordBody, read: FieldReader, mandatory: boolean])[] = [
  [0, 'type', value => RECORD_TYPES[(asUint(value) ?? 0) - 1] ?? null, true],
  [1, 'seq', value => asUint(value) || null, true],
  [2, 'timeMs', value => asUint(value), true],
  [3, 'timeTrust', value => TIME_TRUST[asUint(value) ?? TIME_TRUST.length] ?? null, true],
  [4, 'scene', asText, false],
  [5, 'outcome', value => outcomeFromNumber(asUint(value) ?? 0), false],
  [6, 'reason', asText, false],
  [7, 'family', asText, false],
  [8, 'colour', value => (asUint(value, COLOURS.length - 1) === null ? null : colourFromNumber(Number(value))), false],
  [9, 'showingTag', value => asBytes(value, 8, 8), false],
  [10, 'sealed', value => asBytes(value, 24), false],
  [11, 'sceneMap', asMap, false],
  [12, 'stages', readStages, false],
  [13, 'basis', readBasis, false],
]

export function decodeBody(bytes: Uint8Array): Decoded<RecordBody> {
  const item = decodeCbor(bytes, LIMITS)
  if (!item.ok) return item
  const map = asMap(item.value)
  if (map === null) return { ok: false, detail: 'a record is a map' }
  const body: Record<string, unknown> = {}
  for (const [number, name, read, mandatory] of FIELDS) {
    const raw = map.get(number)
    if (raw === undefined && !mandatory) continue
    const value = raw === undefined ? null : read(raw)
    if (value === null)
      return { ok: false, detail: `field ${number} (${name}) is missing, or of the wrong type or size` }
    body[name] = value
  }
  return { ok: true, value: body as unknown as RecordBody }
}
