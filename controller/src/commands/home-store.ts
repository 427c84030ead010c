import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '@ankang/protocol'
import { openStoreForReading, type SqliteDatabase } from '../store/store.ts'

/** A controller's store, and the file it is in. */
export interface HomeStore {
  readonly file: string
  readonly db: SqliteDatabase
}

/**
 * Opens the store under a home folder for reading, inside one read transaction: one state, whatever arrives meanwhile.
 * The caller closes it. Throws `store-missing` and what opening throws.
 */
export function openHomeStore(cwd: string, home: string): HomeStore {
  const file = resolve(cwd, home, 'controller', 'store.sqlite')
  if (!existsSync(file)) {
    throw new UsageError(
      'store-missing',
      `expected a controller's store at ${file}, found none; give its home folder with --home, or start the controller first`,
      { details: { file } },
    )
  }
  const db = openStoreForReading(file)
  db.exec('BEGIN')
  return { file, db }
}
