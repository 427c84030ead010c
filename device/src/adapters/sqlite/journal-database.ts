import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { EnvironmentError } from '@ankang/protocol'
import Database from 'better-sqlite3'
import { isDiskFull, journalFault, sqliteCode } from './journal-fault.ts'
import { configureJournal, type KeyedTag, migrateJournal } from './journal-schema.ts'

const BUSY_TIMEOUT_MS = 1000

/** Names are sealed in it; who passed when and where is its owner's business all the same. SQLite makes the files beside it alike. */
const OWNER_ONLY = 0o600

/** One that is there is not opened for it: closing it would give up SQLite's own locks. Source: sqlite.org/howtocorrupt.html §2.2. */
function keepToOwner(file: string): void {
  const there = statSync(file, { throwIfNoEntry: false })
  if (there === undefined) closeSync(openSync(file, 'a', OWNER_ONLY))
  else if ((there.mode & 0o077) !== 0 && there.uid === process.getuid?.()) chmodSync(file, OWNER_ONLY)
}

/** Opens or makes the file. Throws `journal-in-use`, `journal-newer`, `journal-full`, `journal-unreadable`. */
export function openJournalDatabase(file: string, keyed: KeyedTag): Database.Database {
  try {
    keepToOwner(file)
    const db = new Database(file, { timeout: BUSY_TIMEOUT_MS })
    configureJournal(db)
    migrateJournal(db, file, keyed)
    return db
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    const code = sqliteCode(error)
    if (code === 'SQLITE_BUSY') {
      throw new EnvironmentError('journal-in-use', `${file}: another program holds this journal; stop it first`, {
        cause: error,
        retryable: true,
      })
    }
    if (isDiskFull(error)) throw journalFault(error, file)
    throw new EnvironmentError('journal-unreadable', `${file}: expected a journal, it cannot be opened (${code})`, {
      cause: error,
      retryable: false,
    })
  }
}
