import { EnvironmentError } from '@ankang/protocol'
import Database from 'better-sqlite3'
import { isDiskFull, journalFault, sqliteCode } from './journal-fault.ts'
import { configureJournal, type KeyedTag, migrateJournal } from './journal-schema.ts'

const BUSY_TIMEOUT_MS = 1000

/** Opens or makes the file. Throws `journal-in-use`, `journal-newer`, `journal-full`, `journal-unreadable`. */
export function openJournalDatabase(file: string, keyed: KeyedTag): Database.Database {
  try {
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
