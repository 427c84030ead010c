import { type ReplayMark, toHex } from '@ankang/protocol'
import type Database from 'better-sqlite3'

/** Showings a device remembers: weeks of a hall. Counted in records, since a clock that steps must make it forget none. */
const KEPT_RECORDS = 50_000
const SWEEP_RECORDS = 4096

/** The newest record whose marks are forgotten, when `headSeq` is the newest of all. */
export function forgottenThrough(headSeq: number): number {
  return headSeq - KEPT_RECORDS
}

/** The replay memory as the checks ask it: in RAM, brought back from the table when the journal opens. */
export class JournalMarks {
  readonly #marks = new Map<string, { readonly until: number; readonly seq: number }>()
  #sweptAtSeq: number

  constructor(db: Database.Database, headSeq: number) {
    this.#sweptAtSeq = headSeq
    const rows = db.prepare('SELECT tag, until, seq FROM marks WHERE seq > ?').iterate(forgottenThrough(headSeq))
    for (const row of rows as IterableIterator<{ tag: Buffer; until: number; seq: number }>)
      this.#marks.set(toHex(row.tag), { until: row.until, seq: row.seq })
  }

  until(tag: Uint8Array): number | null {
    return this.#marks.get(toHex(tag))?.until ?? null
  }

  /** Marks of record `seq`, which is on disk. */
  add(marks: readonly ReplayMark[], seq: number): void {
    for (const { tag, until } of marks) this.#marks.set(toHex(tag), { until, seq })
    if (seq - this.#sweptAtSeq >= SWEEP_RECORDS) this.#sweep(seq)
  }

  /** In memory at once, on disk with the next prune: a delete that fails on a full disk must not fail an append. */
  #sweep(headSeq: number): void {
    this.#sweptAtSeq = headSeq
    for (const [tag, { seq }] of this.#marks) if (seq <= forgottenThrough(headSeq)) this.#marks.delete(tag)
  }
}
