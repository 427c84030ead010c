import type { ReplayMark } from '@ankang/protocol'
import type Database from 'better-sqlite3'
import type { JournalRecord } from '../../ports/journal.ts'
import type { KeyedTag } from './journal-schema.ts'

/** A record as it will lie on disk, and the marks that live and die with it. */
export interface JournalRow {
  readonly record: JournalRecord
  readonly marks: readonly ReplayMark[]
}

/** Writes ready rows. What they say, and that they follow the chain, is the caller's. */
export class JournalWriter {
  readonly #write: (rows: readonly JournalRow[]) => void

  /** `db` as `openJournalDatabase` gives it; it stays the caller's. */
  constructor(db: Database.Database, keyed: KeyedTag) {
    const insertRecord = db.prepare('INSERT INTO records (seq, link, body, written_ms) VALUES (?, ?, ?, ?)')
    const insertMark = db.prepare(
      'INSERT INTO marks (tag, until, seq) VALUES (?, ?, ?) ON CONFLICT (tag) DO UPDATE SET until = excluded.until, seq = excluded.seq',
    )
    const transaction = db.transaction((rows: readonly JournalRow[]) => {
      for (const { record, marks } of rows) {
        insertRecord.run(record.seq, record.link, record.body, record.writtenMs)
        for (const { tag, until } of marks) insertMark.run(keyed(tag), until, record.seq)
      }
    })
    this.#write = rows => transaction.immediate(rows)
  }

  /** One transaction and one fsync: when it returns all rows survive a power cut, when it throws there is none of them. */
  write(rows: readonly JournalRow[]): void {
    this.#write(rows)
  }
}
