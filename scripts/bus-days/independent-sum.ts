/*
 * Sums over exported records, made by nobody who settles: another CBOR decoder, field numbers as the wire contract has them,
 * BigInt amounts, and transfers found by looking at every pair of rides.
 */
import { decode } from 'cborg'

interface ExportedRide {
  readonly device: string
  readonly epoch: string
  readonly seq: number
  readonly timeMs: number
  readonly tag: string
  readonly charged: bigint
  readonly full: bigint
  readonly operator: string
  readonly line: string | null
  readonly transfer: { readonly withinMs: number; readonly off: bigint } | null
  readonly day: number
  readonly isForCompanion: boolean
}

export interface IndependentSums {
  readonly rides: number
  readonly fullFareFen: bigint
  readonly chargedFen: bigint
  readonly transfers: number
  readonly transferFen: bigint
  readonly netFen: bigint
}

type CborMap = ReadonlyMap<number, unknown>

function rideOf(line: { device: string; epoch: string; seq: number; body: string }): ExportedRide | null {
  const body = decode(Buffer.from(line.body, 'hex'), { useMaps: true }) as CborMap
  if (body.get(0) !== 1 || body.get(4) !== 'bus' || body.get(5) !== 1) return null
  const ride = body.get(11) as CborMap
  const offer = ride.get(11) as readonly [number, number] | undefined
  return {
    device: line.device,
    epoch: line.epoch,
    seq: line.seq,
    timeMs: Number(body.get(2)),
    tag: Buffer.from(ride.get(2) as Uint8Array).toString('hex'),
    charged: BigInt(ride.get(3) as number),
    full: BigInt(ride.get(4) as number),
    operator: String(ride.get(5)),
    line: (ride.get(6) as string | undefined) ?? null,
    transfer: offer === undefined ? null : { withinMs: offer[0] * 1000, off: BigInt(offer[1]) },
    day: Number(ride.get(12)),
    isForCompanion: ride.get(13) === true,
  }
}

function isBefore(a: ExportedRide, b: ExportedRide): boolean {
  if (a.timeMs !== b.timeMs) return a.timeMs < b.timeMs
  if (a.device !== b.device) return a.device < b.device
  return a.epoch === b.epoch ? a.seq < b.seq : a.epoch < b.epoch
}

/** How much less each ride costs as a transfer. Asks every ride for the last one before it, back to the first of the day. */
function transferOf(
  ride: ExportedRide,
  all: readonly ExportedRide[],
  known: Map<ExportedRide, bigint | null>,
): bigint | null {
  const seen = known.get(ride)
  if (seen !== undefined) return seen
  let found: bigint | null = null
  if (ride.transfer !== null && ride.line !== null && !ride.isForCompanion) {
    const earlier = all.filter(
      other =>
        other.day === ride.day &&
        other.tag === ride.tag &&
        other.line !== null &&
        !other.isForCompanion &&
        isBefore(other, ride),
    )
    const last = earlier.find(one => earlier.every(other => other === one || isBefore(other, one)))
    if (
      last !== undefined &&
      last.line !== ride.line &&
      ride.timeMs - last.timeMs <= ride.transfer.withinMs &&
      transferOf(last, all, known) === null
    )
      found = ride.transfer.off < ride.charged ? ride.transfer.off : ride.charged
  }
  if (found === 0n) found = null
  known.set(ride, found)
  return found
}

/** By `day operator`. */
export function sumExport(lines: readonly string[]): ReadonlyMap<string, IndependentSums> {
  const rides = lines
    .map(line => JSON.parse(line))
    .filter(line => line.kind === 'record')
    .map(rideOf)
    .filter((ride): ride is ExportedRide => ride !== null)
  const known = new Map<ExportedRide, bigint | null>()
  const sums = new Map<string, IndependentSums>()
  for (const day of new Set(rides.map(ride => ride.day))) {
    const ofDay = rides.filter(ride => ride.day === day)
    for (const operator of new Set(ofDay.map(ride => ride.operator))) {
      const own = ofDay.filter(ride => ride.operator === operator)
      const transfers = own.map(ride => transferOf(ride, ofDay, known)).filter((off): off is bigint => off !== null)
      const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n)
      const chargedFen = total(own.map(ride => ride.charged))
      const transferFen = total(transfers)
      sums.set(`${day} ${operator}`, {
        rides: own.length,
        fullFareFen: total(own.map(ride => ride.full)),
        chargedFen,
        transfers: transfers.length,
        transferFen,
        netFen: chargedFen - transferFen,
      })
    }
  }
  return sums
}
