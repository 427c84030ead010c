import type { Store } from './store.ts'

/** Counted over the rows that are there, not over what was meant to be written. */
export interface Tally {
  readonly records: number
  readonly showings: number
  /** Rows beyond one for each place in a chain. */
  readonly duplicates: number
  /** Places up to the last stored one without a row. */
  readonly gaps: number
}

/** Of one epoch. */
interface Counted {
  records: number
  showings: number
  distinct: number
  last: number
}

interface CountRow {
  readonly epoch_id: number
  readonly device: string
  readonly records: number
  readonly showings: number
  readonly distinct_seqs: number
  readonly last: number
}

const SELECT = `
  SELECT epoch_id, (SELECT device FROM epochs WHERE epochs.id = epoch_id) AS device, count(*) AS records,
    sum(type IS 1) AS showings, count(DISTINCT seq) AS distinct_seqs, max(seq) AS last
  FROM records WHERE id > ? AND id <= ? GROUP BY epoch_id`

function sumOf(epochs: Iterable<Counted>): Tally {
  const sum = { records: 0, showings: 0, duplicates: 0, gaps: 0 }
  for (const { records, showings, distinct, last } of epochs) {
    sum.records += records
    sum.showings += showings
    // a place counted again in a later reading shows as more places than the chain has
    sum.duplicates += records - Math.min(distinct, last)
    sum.gaps += Math.max(0, last - distinct)
  }
  return sum
}

/**
 * Keeps count of the store. The first reading goes over all rows, later ones over the rows added since: as cheap as the
 * rows are few, so that it may be asked at every event.
 */
export class Tallies {
  readonly #newestId
  readonly #count
  readonly #byEpoch = new Map<number, Counted>()
  readonly #byDevice = new Map<string, Counted[]>()
  #countedId = 0

  constructor({ db }: Pick<Store, 'db'>) {
    this.#newestId = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM records')
    this.#count = db.prepare<[number, number], CountRow>(SELECT)
  }

  /** Of all devices. */
  total(): Tally {
    this.#refresh()
    return sumOf(this.#byEpoch.values())
  }

  ofDevice(device: string): Tally {
    return this.ofDevices()(device)
  }

  /** Of any device, as the store is now: whoever asks for thousands has the store looked at once. */
  ofDevices(): (device: string) => Tally {
    this.#refresh()
    return device => sumOf(this.#byDevice.get(device) ?? [])
  }

  #refresh(): void {
    const newest = this.#newestId.get()?.id ?? 0
    if (newest <= this.#countedId) return
    for (const row of this.#count.all(this.#countedId, newest)) {
      const counted = this.#byEpoch.get(row.epoch_id) ?? this.#begin(row)
      counted.records += row.records
      counted.showings += row.showings
      counted.distinct += row.distinct_seqs
      counted.last = Math.max(counted.last, row.last)
    }
    this.#countedId = newest
  }

  #begin({ epoch_id, device }: CountRow): Counted {
    const counted = { records: 0, showings: 0, distinct: 0, last: 0 }
    this.#byEpoch.set(epoch_id, counted)
    const ofDevice = this.#byDevice.get(device)
    if (ofDevice === undefined) this.#byDevice.set(device, [counted])
    else ofDevice.push(counted)
    return counted
  }
}
