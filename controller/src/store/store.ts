import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { EnvironmentError, UsageError } from '@ankang/protocol'
import Database from 'better-sqlite3'
import { MIGRATIONS } from './migrations.ts'

export type SqliteDatabase = Database.Database

const GENERATION = 'store-generation'
const SYNCHRONOUS_FULL = 2

/** The open database. `generation` is 8 random bytes made with it: another one means records may be missing here. */
export interface Store {
  readonly db: SqliteDatabase
  readonly generation: Uint8Array
  close(): void
}

interface OpenStoreOptions {
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

/** It holds hashes of passwords, and who did what: its owner's alone. SQLite's files beside it are made like it. */
const OWNER_ONLY = 0o600

/**
 * Makes the file where there is none, and takes one back that an earlier program left open to others. One that is there is
 * not opened for it: closing it would give up SQLite's own locks. Source: sqlite.org/howtocorrupt.html §2.2.
 */
function keepToOwner(file: string): void {
  const there = statSync(file, { throwIfNoEntry: false })
  if (there === undefined) closeSync(openSync(file, 'a', OWNER_ONLY))
  else if ((there.mode & 0o077) !== 0) chmodSync(file, OWNER_ONLY)
}

function open(file: string, options: Database.Options): SqliteDatabase {
  try {
    if (options.readonly !== true) keepToOwner(file)
    return new Database(file, options)
  } catch (error) {
    throw new EnvironmentError(
      'store-unreadable',
      `cannot open the store ${file}; check that its folder exists and may be written`,
      { cause: error, retryable: false, details: { file } },
    )
  }
}

/** Throws `store-newer` when a newer program has written this file. */
function checkVersion(db: SqliteDatabase, file: string): number {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version <= MIGRATIONS.length) return version
  throw new UsageError(
    'store-newer',
    `${file}: expected schema ${MIGRATIONS.length} or older, found ${version}; use the program that wrote it, or a newer one`,
    { details: { file, version } },
  )
}

function migrate(db: SqliteDatabase, from: number, random: OpenStoreOptions['random']): void {
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(from)) db.exec(step)
    db.pragma(`user_version = ${MIGRATIONS.length}`)
    db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(GENERATION, random(8))
  }).immediate()
}

/** better-sqlite3 falls back to NORMAL after the first write in WAL mode, and a power cut would then lose what a receipt has promised. */
function insistOnFullSync(db: SqliteDatabase, file: string): void {
  db.pragma('synchronous = FULL')
  db.transaction(() => db.prepare('UPDATE meta SET value = value WHERE key = ?').run(GENERATION)).immediate()
  const journal = db.pragma('journal_mode', { simple: true })
  const synchronous = db.pragma('synchronous', { simple: true })
  if (journal === 'wal' && synchronous === SYNCHRONOUS_FULL) return
  throw new EnvironmentError(
    'store-not-durable',
    `${file}: expected journal_mode wal and synchronous 2 after a write, got ${String(journal)} and ${String(synchronous)}; receipts would promise too much`,
    { retryable: false, details: { file } },
  )
}

/** Opens or makes the store. Throws `store-unreadable`, `store-newer`, `store-not-durable`. */
export function openStore(file: string, { random }: OpenStoreOptions): Store {
  const db = open(file, {})
  try {
    db.pragma('busy_timeout = 5000')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    migrate(db, checkVersion(db, file), random)
    insistOnFullSync(db, file)
    const row = db.prepare<[string], { value: Buffer }>('SELECT value FROM meta WHERE key = ?').get(GENERATION)
    return { db, generation: new Uint8Array(row?.value ?? random(8)), close: () => db.close() }
  } catch (error) {
    db.close()
    if (error instanceof Database.SqliteError) {
      throw new EnvironmentError(
        'store-unreadable',
        `${file}: expected a store of this program; move the file away or restore a backup`,
        {
          cause: error,
          retryable: false,
          details: { file },
        },
      )
    }
    throw error
  }
}

/** False for one that only older programs have opened: it may lack tables. */
export function isOfThisVersion(db: SqliteDatabase): boolean {
  return db.pragma('user_version', { simple: true }) === MIGRATIONS.length
}

/** The store for reading beside a running controller. Throws `store-unreadable`, `store-newer`. */
export function openStoreForReading(file: string): SqliteDatabase {
  const db = open(file, { readonly: true, fileMustExist: true })
  try {
    checkVersion(db, file)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
