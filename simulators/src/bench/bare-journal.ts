import type { JournalRow } from '@ankang/device/parts'
import Database from 'better-sqlite3'

export interface BareJournal {
  /** One transaction. */
  write(rows: readonly JournalRow[]): void
  close(): void
}

/** What anyone would write with better-sqlite3 alone to keep the same rows as safely; the rest as SQLite has it. */
export function openBareJournal(file: string): BareJournal {
  const db = new Database(file)
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(
    `CREATE TABLE records (seq INTEGER PRIMARY KEY, link BLOB NOT NULL, body BLOB NOT NULL, written_ms INTEGER NOT NULL) STRICT;
     CREATE TABLE marks (tag BLOB PRIMARY KEY, until INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  )
  const insertRecord = db.prepare('INSERT INTO records (seq, link, body, written_ms) VALUES (?, ?, ?, ?)')
  const insertMark = db.prepare(
    'INSERT INTO marks (tag, until, seq) VALUES (?, ?, ?) ON CONFLICT (tag) DO UPDATE SET until = excluded.until, seq = excluded.seq',
  )
  const write = db.transaction((rows: readonly JournalRow[]) => {
    for (const { record, marks } of rows) {
      insertRecord.run(record.seq, record.link, record.body, record.writtenMs)
      for (const mark of marks) insertMark.run(mark.tag, mark.until, record.seq)
    }
  })
  return { write: rows => write(rows), close: () => db.close() }
}
