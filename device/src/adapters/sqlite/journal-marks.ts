import type Database from 'better-sqlite3'
import type { KeyedTag } from './journal-schema.ts'

/** Showings a device remembers: weeks of a hall. Counted in records, since a clock that steps must make it forget none. */
const KEPT_RECORDS = 50_000

/** The newest record whose marks may be dropped, when `headSeq` is the newest of all. */
export function forgottenThrough(headSeq: number): number {
  return headSeq - KEPT_RECORDS
}

/**
 * The replay memory as the checks ask it. It stays where it was written: a look-up in a table of small rows takes
 * microseconds, and a box that has run for weeks holds no more in RAM than on its first day.
 */
export class JournalMarks {
  readonly #select: Database.Statement<[Uint8Array], { until: number }>
  readonly #keyed: KeyedTag

  constructor(db: Database.Database, keyed: KeyedTag) {
    this.#keyed = keyed
    this.#select = db.prepare('SELECT until FROM marks WHERE tag = ?')
  }

  /** Throws as SQLite does. */
  until(tag: Uint8Array): number | null {
    return this.#select.get(this.#keyed(tag))?.until ?? null
  }
}
