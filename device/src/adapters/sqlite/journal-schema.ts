import { EnvironmentError } from '@ankang/protocol'
import type Database from 'better-sqlite3'

/*
 * Tables of the journal. `epoch` holds one row; `records.seq` is dense; `marks` is the replay memory, each with the record
 * it came with, its tag keyed; `pruned` keeps the link below the oldest record, so that the chain goes on where records
 * were dropped.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE epoch (device TEXT NOT NULL, public_key BLOB NOT NULL, epoch BLOB NOT NULL,
                       predecessor_epoch BLOB, predecessor_seq INTEGER, predecessor_link BLOB) STRICT;
   CREATE TABLE records (seq INTEGER PRIMARY KEY, link BLOB NOT NULL, body BLOB NOT NULL, written_ms INTEGER NOT NULL) STRICT;
   CREATE TABLE marks (tag BLOB PRIMARY KEY, until INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE pruned (seq INTEGER NOT NULL, link BLOB NOT NULL) STRICT;`,
  // Tags written down as they are become keyed ones: an update must forget no showing.
  `CREATE TABLE keyed_marks (tag BLOB PRIMARY KEY, until INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO keyed_marks SELECT keyed(tag), until, seq FROM marks;
   DROP TABLE marks;
   ALTER TABLE keyed_marks RENAME TO marks;`,
]

const CACHE_KB = 2048

/**
 * WAL with synchronous=FULL: a commit returns after fsync. EXCLUSIVE keeps a second process out, whose records would fork
 * the chain. better-sqlite3 falls back to NORMAL by default, so the setting is read back.
 */
export function configureJournal(db: Database.Database): void {
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  // Left to itself the cache grows with the file for weeks, up to 16 MB; a box should need on its last day what it did on its first.
  db.pragma(`cache_size = -${CACHE_KB}`)
}

/** How a mark's tag is written down. */
export type KeyedTag = (tag: Uint8Array) => Uint8Array

/** Throws `journal-newer` when a later program wrote it. */
export function migrateJournal(db: Database.Database, file: string, keyed: KeyedTag): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > MIGRATIONS.length) {
    throw new EnvironmentError(
      'journal-newer',
      `${file}: written by a newer program (schema ${version}, this one knows ${MIGRATIONS.length}); install that program again`,
      { retryable: false },
    )
  }
  db.function('keyed', (tag: Uint8Array) => Buffer.from(keyed(tag)))
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${index + 1}`)
    })()
  }
}
