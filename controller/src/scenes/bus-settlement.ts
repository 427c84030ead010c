import { BugError, type Ride, toHex } from '@ankang/protocol'
import { lineToShow } from './bus-record.ts'

/** A ride with its place in the ledger, which no other ride has. */
export interface RideRecord {
  readonly device: string
  /** Hex. */
  readonly epoch: string
  readonly seq: number
  /** When it began, Unix milliseconds. */
  readonly timeMs: number
  readonly ride: Ride
}

/** Counts and fen, all exact integers. */
export interface Sums {
  readonly rides: number
  readonly fullFareFen: number
  /** Full fare less what was charged. */
  readonly concessionFen: number
  /** As the boxes charged, before transfers. */
  readonly chargedFen: number
  readonly transfers: number
  readonly transferFen: number
  /** Charged less transfers: what is owed. */
  readonly netFen: number
}

/** Lines and fare classes stand side by side, never crossed: see docs/controller.md, Settlement. */
export interface OperatorSums extends Sums {
  readonly operator: string
  /** `line` null: the bus did not know its line. */
  readonly byLine: readonly (Sums & { readonly line: string | null })[]
  readonly byFareClass: readonly (Sums & { readonly fareClass: string })[]
}

export interface SettledRide {
  readonly record: RideRecord
  /** Fen less because of a transfer; null where it is none. */
  readonly transferFen: number | null
}

export const NO_RIDES: Sums = {
  rides: 0,
  fullFareFen: 0,
  concessionFen: 0,
  chargedFen: 0,
  transfers: 0,
  transferFen: 0,
  netFen: 0,
}

export function addSums(a: Sums, b: Sums): Sums {
  return {
    rides: a.rides + b.rides,
    fullFareFen: a.fullFareFen + b.fullFareFen,
    concessionFen: a.concessionFen + b.concessionFen,
    chargedFen: a.chargedFen + b.chargedFen,
    transfers: a.transfers + b.transfers,
    transferFen: a.transferFen + b.transferFen,
    netFen: a.netFen + b.netFen,
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The order in which rides are settled: by time, ties by device, epoch and seq. */
export function compareRides(a: RideRecord, b: RideRecord): number {
  return a.timeMs - b.timeMs || compareText(a.device, b.device) || compareText(a.epoch, b.epoch) || a.seq - b.seq
}

/** The last ride of one tag that could give a transfer. */
interface Earlier {
  readonly line: string
  readonly timeMs: number
  readonly isTransfer: boolean
}

function transferOf({ timeMs, ride }: RideRecord, earlier: Earlier | undefined): number | null {
  const { transfer, position, chargedFen } = ride
  if (transfer === null || position === null || earlier === undefined || earlier.isTransfer) return null
  if (earlier.line === position.line || timeMs - earlier.timeMs > transfer.withinSeconds * 1000) return null
  const offFen = Math.min(transfer.offFen, chargedFen)
  // What takes nothing off is no transfer, and leaves the next one to the passenger.
  return offFen === 0 ? null : offFen
}

/**
 * Finds the transfers among the rides of one operating day, which must come in the order of `compareRides`. A ride that
 * offers one is a transfer when the tag's last ride before it was on another line, was no transfer itself, and began
 * within the time. Rides paid for a companion and rides without a line stand outside: neither give one, nor get one, nor
 * come between two others.
 *
 * Of a day is kept one small entry a tag, so that memory grows with the people of one day and not with rides or days.
 * Throws BugError `rides-out-of-order`.
 */
export function* findTransfers(rides: Iterable<RideRecord>): Generator<SettledRide> {
  const lastOfTag = new Map<string, Earlier>()
  let before: RideRecord | null = null
  for (const record of rides) {
    if (before !== null && compareRides(before, record) >= 0) {
      const place = `${record.device} ${record.epoch} ${record.seq}`
      throw new BugError('rides-out-of-order', `expected rides in their order, each once; ${place} came too late`)
    }
    before = record
    const { tag, position, byDriverKey } = record.ride
    if (position === null || byDriverKey) {
      yield { record, transferFen: null }
      continue
    }
    const key = toHex(tag)
    const transferFen = transferOf(record, lastOfTag.get(key))
    lastOfTag.set(key, { line: position.line, timeMs: record.timeMs, isTransfer: transferFen !== null })
    yield { record, transferFen }
  }
}

function sumsOf({ record, transferFen }: SettledRide): Sums {
  const { fullFareFen, chargedFen } = record.ride
  return {
    rides: 1,
    fullFareFen,
    concessionFen: fullFareFen - chargedFen,
    chargedFen,
    transfers: transferFen === null ? 0 : 1,
    transferFen: transferFen ?? 0,
    netFen: chargedFen - (transferFen ?? 0),
  }
}

const byNumber = new Intl.Collator('en', { numeric: true })

class OperatorCount {
  #all = NO_RIDES
  readonly #lines = new Map<string | null, Sums>()
  readonly #classes = new Map<string, Sums>()

  add(settled: SettledRide): void {
    const { position, fareClass } = settled.record.ride
    const line = lineToShow(position)
    const sums = sumsOf(settled)
    this.#all = addSums(this.#all, sums)
    this.#lines.set(line, addSums(this.#lines.get(line) ?? NO_RIDES, sums))
    this.#classes.set(fareClass, addSums(this.#classes.get(fareClass) ?? NO_RIDES, sums))
  }

  sums(operator: string): OperatorSums {
    const byLine = [...this.#lines].map(([line, sums]) => ({ line, ...sums }))
    const byFareClass = [...this.#classes].map(([fareClass, sums]) => ({ fareClass, ...sums }))
    return {
      operator,
      ...this.#all,
      // without a line: last
      byLine: byLine.sort((a, b) =>
        a.line === null ? 1 : b.line === null ? -1 : byNumber.compare(a.line, b.line) || compareText(a.line, b.line),
      ),
      byFareClass: byFareClass.sort((a, b) => compareText(a.fareClass, b.fareClass)),
    }
  }
}

/** The sums of one operating day, by operator. The rides are all of that day, of all operators, in the order of `compareRides`. */
export function settleDay(rides: Iterable<RideRecord>): readonly OperatorSums[] {
  const counts = new Map<string, OperatorCount>()
  for (const settled of findTransfers(rides)) {
    const { operator } = settled.record.ride
    const count = counts.get(operator) ?? new OperatorCount()
    counts.set(operator, count)
    count.add(settled)
  }
  return [...counts].sort(([a], [b]) => compareText(a, b)).map(([operator, count]) => count.sums(operator))
}
