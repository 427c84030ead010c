import { EnvironmentError } from '@ankang/protocol'
import Database from 'better-sqlite3'

const FULL_CODES = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'])

/** SQLite's name for what went wrong; `unknown` where it was not SQLite. */
export function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : 'unknown'
}

export function isDiskFull(error: unknown): boolean {
  return FULL_CODES.has(sqliteCode(error))
}

/** What the port promises of a disk that fails: `journal-full` or `journal-broken`. */
export function journalFault(error: unknown, file: string): EnvironmentError {
  const code = sqliteCode(error)
  if (isDiskFull(error)) {
    return new EnvironmentError(
      'journal-full',
      `${file}: no space left to write a record; free space on this partition`,
      { cause: error, retryable: true, details: { sqlite: code } },
    )
  }
  return new EnvironmentError(
    'journal-broken',
    `${file}: the journal cannot be written (${code}); check the disk, then restart`,
    { cause: error, retryable: false, details: { sqlite: code } },
  )
}
