import { EnvironmentError, type Epoch, genesisLink, type Head, nextLink, sha256, toHex } from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Journal, JournalEntry, JournalHistory, JournalRecord } from '../ports/journal.ts'

interface MemoryJournalOptions {
  readonly device: string
  readonly publicKey: Uint8Array
  readonly epoch: Uint8Array
  readonly clock: Clock
}

/** What every append waits for, in its turn: as with a disk, the head moves after the call and not within it. */
const COMMITTED = Promise.resolve()

/** The journal's twin: keeps the contract but for the power cut. `full` makes it refuse like a full disk. */
export class MemoryJournal implements Journal {
  readonly epoch: Epoch
  readonly history: JournalHistory
  full = false
  readonly #clock: Clock
  readonly #marks = new Map<string, number>()
  #records: JournalRecord[] = []
  #base: { seq: number; link: Uint8Array }

  constructor({ device, publicKey, epoch, clock }: MemoryJournalOptions) {
    this.epoch = { device, publicKey, epoch, predecessor: null }
    this.#clock = clock
    this.#base = { seq: 0, link: genesisLink(this.epoch) }
    this.history = {
      read: (fromSeq, { maxRecords, maxBytes }) => {
        let bytes = 0
        const from = this.#records.filter(record => record.seq >= fromSeq).slice(0, maxRecords)
        return from.filter((record, index) => {
          bytes += record.body.length
          return index === 0 || bytes <= maxBytes
        })
      },
      linkAt: seq =>
        seq === this.#base.seq ? this.#base.link : (this.#records.find(record => record.seq === seq)?.link ?? null),
      oldestSeq: () => this.#base.seq + 1,
      prune: (throughSeq, beforeMs) => this.#prune(throughSeq, beforeMs),
    }
  }

  /** All records still held, oldest first. */
  get records(): readonly JournalRecord[] {
    return this.#records
  }

  head(): Head {
    const last = this.#records.at(-1) ?? this.#base
    return { epoch: this.epoch.epoch, seq: last.seq, link: last.link }
  }

  async append({ build, marks = [] }: JournalEntry): Promise<JournalRecord> {
    await COMMITTED
    if (this.full) throw new EnvironmentError('journal-full', 'no space left to write a record', { retryable: true })
    const { seq: before, link: previous } = this.head()
    const seq = before + 1
    const body = build(seq)
    const record = { seq, body, link: nextLink(previous, seq, sha256(body)), writtenMs: this.#clock.nowMs() }
    this.#records.push(record)
    for (const { tag, until } of marks) this.#marks.set(toHex(tag), until)
    return record
  }

  markedUntil(tag: Uint8Array): number | null {
    return this.#marks.get(toHex(tag)) ?? null
  }

  async close(): Promise<void> {
    await COMMITTED
    this.full = true
  }

  #prune(throughSeq: number, beforeMs: number): number {
    const young = this.#records.find(record => record.writtenMs >= beforeMs)?.seq ?? Number.POSITIVE_INFINITY
    const last = this.#records
      .filter(record => record.seq <= throughSeq && record.seq < young && record.seq < this.head().seq)
      .at(-1)
    if (last === undefined) return 0
    this.#base = { seq: last.seq, link: last.link }
    const before = this.#records.length
    this.#records = this.#records.filter(record => record.seq > last.seq)
    return before - this.#records.length
  }
}
