/*
 * What the record of a ride says, as scene map (field 11). Source: formats.md §5 for 1 and 2; the rest is the bus scene's own.
 *
 *   1 the whole code, sealed for the clearing house (the recorder puts it there)    2 ride tag bstr(8)
 *   3 charged, fen · 4 full fare, fen · 5 operator · 6 line? · 7 run? · 8 direction? (0 up, 1 down) · 9 stop? (from 1 on this run)
 *   10 fare class · 11 [within seconds, fen off]? if this ride proves a transfer · 12 operating day, yyyymmdd
 *   13 true? the driver's key allowed a further charge
 *
 * Enough to settle from the records alone: no policy of that day is needed to check a sum.
 */
import type { CborMap, CborValue, Decoded } from '../codec/cbor.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { asArray, asBytes, asMap, asText, asUint } from '../codec/cbor-narrow.ts'
import { hmacSha256 } from '../crypto.ts'
import type { Presentation } from '../presentation.ts'

export const DIRECTIONS = ['up', 'down'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Where a bus is, as its on-board unit says. */
export interface BusPosition {
  readonly line: string
  readonly run: string
  readonly direction: Direction
  /** Ordinal of the stop on this run, from 1. */
  readonly stop: number
}

/** What a ride costs less when it follows another one on another line soon enough. */
export interface TransferOffer {
  readonly withinSeconds: number
  readonly offFen: number
}

export interface Ride {
  readonly tag: Uint8Array
  readonly chargedFen: number
  readonly fullFareFen: number
  readonly operator: string
  /** Null where the vehicle had not spoken. */
  readonly position: BusPosition | null
  readonly fareClass: string
  readonly transfer: TransferOffer | null
  /** Operating day, yyyymmdd. */
  readonly day: number
  readonly byDriverKey: boolean
}

/** By which rides of one person on one day are found to belong together, and nobody is found. Source: formats.md §5. */
export function rideTag(
  dayKey: Uint8Array,
  { family, issuer, credentialId }: Pick<Presentation, 'family' | 'issuer' | 'credentialId'>,
): Uint8Array {
  return hmacSha256(dayKey, encodeCbor([family, issuer, credentialId])).subarray(0, 8)
}

export function encodeRide(ride: Ride): CborMap {
  const { position, transfer } = ride
  const map = new Map<CborValue, CborValue>([
    [2, ride.tag],
    [3, ride.chargedFen],
    [4, ride.fullFareFen],
    [5, ride.operator],
    [10, ride.fareClass],
    [12, ride.day],
  ])
  if (position !== null) {
    map.set(6, position.line).set(7, position.run)
    map.set(8, DIRECTIONS.indexOf(position.direction)).set(9, position.stop)
  }
  if (transfer !== null) map.set(11, [transfer.withinSeconds, transfer.offFen])
  if (ride.byDriverKey) map.set(13, true)
  return map
}

function readPosition(map: CborMap): Decoded<BusPosition | null> {
  const present = [6, 7, 8, 9].filter(key => map.has(key)).length
  if (present === 0) return { ok: true, value: null }
  const line = asText(map.get(6))
  const run = asText(map.get(7))
  const direction = DIRECTIONS[asUint(map.get(8)) ?? DIRECTIONS.length]
  const stop = asUint(map.get(9))
  if (line === null || run === null || direction === undefined || stop === null)
    return { ok: false, detail: 'position: a part is missing or of the wrong type' }
  return { ok: true, value: { line, run, direction, stop } }
}

function readTransfer(value: CborValue | undefined): Decoded<TransferOffer | null> {
  if (value === undefined) return { ok: true, value: null }
  const parts = asArray(value)
  const withinSeconds = asUint(parts?.[0])
  const offFen = asUint(parts?.[1])
  return parts?.length === 2 && withinSeconds !== null && offFen !== null
    ? { ok: true, value: { withinSeconds, offFen } }
    : { ok: false, detail: 'transfer' }
}

/** The ride in a scene map of the bus. */
export function decodeRide(sceneMap: CborValue | undefined): Decoded<Ride> {
  const map = asMap(sceneMap)
  if (map === null) return { ok: false, detail: 'no scene map' }
  const tag = asBytes(map.get(2), 8, 8)
  const chargedFen = asUint(map.get(3))
  const fullFareFen = asUint(map.get(4))
  const operator = asText(map.get(5))
  const fareClass = asText(map.get(10))
  const day = asUint(map.get(12), 99_991_231)
  const position = readPosition(map)
  const transfer = readTransfer(map.get(11))
  if (
    tag === null ||
    chargedFen === null ||
    fullFareFen === null ||
    operator === null ||
    fareClass === null ||
    day === null
  )
    return { ok: false, detail: 'tag, amounts, operator, fare class or day: missing or of the wrong type' }
  if (!position.ok) return position
  if (!transfer.ok) return transfer
  return {
    ok: true,
    value: {
      tag,
      chargedFen,
      fullFareFen,
      operator,
      position: position.value,
      fareClass,
      transfer: transfer.value,
      day,
      byDriverKey: map.get(13) === true,
    },
  }
}
