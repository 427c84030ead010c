import { type Lock, NO_LOCK } from '../people/lockout.ts'
import { type LockBook, STRANGE_PLACES } from '../people/people-book.ts'
import type { SqliteDatabase } from './store.ts'

interface LockRow {
  readonly failures: number
  readonly locked_until_ms: number | null
  readonly changed_ms: number
}

function prepare(db: SqliteDatabase) {
  return {
    find: db.prepare<[string, string], LockRow>(
      'SELECT failures, locked_until_ms, changed_ms FROM log_in_locks WHERE account = ? AND place = ?',
    ),
    keep: db.prepare(
      `INSERT INTO log_in_locks (account, place, failures, locked_until_ms, changed_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, place) DO UPDATE
       SET failures = excluded.failures, locked_until_ms = excluded.locked_until_ms, changed_ms = excluded.changed_ms`,
    ),
    isFamiliar: db.prepare('SELECT 1 FROM log_in_locks WHERE account = ? AND place = ? AND familiar_ms >= ?'),
    makeFamiliar: db.prepare(
      `INSERT INTO log_in_locks (account, place, failures, changed_ms, familiar_ms) VALUES (?, ?, 0, 0, ?)
       ON CONFLICT (account, place) DO UPDATE SET familiar_ms = excluded.familiar_ms`,
    ),
    keepLatest: db.prepare(
      `DELETE FROM log_in_locks WHERE account = @account AND place <> '' AND place NOT IN
       (SELECT place FROM log_in_locks WHERE account = @account AND place <> '' ORDER BY familiar_ms DESC, place LIMIT @most)`,
    ),
    forgetFailures: db.prepare(
      'UPDATE log_in_locks SET failures = 0, locked_until_ms = NULL, changed_ms = 0 WHERE account = ?',
    ),
    forgetAll: db.prepare('DELETE FROM log_in_locks WHERE account = ?'),
    prune: db.prepare('DELETE FROM log_in_locks WHERE changed_ms < ? AND coalesce(familiar_ms, 0) < ?'),
  }
}

/** Who failed to log in, from where, in SQLite. */
export class SqliteLogInLocks implements LockBook {
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: SqliteDatabase) {
    this.#sql = prepare(db)
  }

  lockOf(account: string, place: string): Lock {
    const row = this.#sql.find.get(account, place)
    if (row === undefined) return NO_LOCK
    return { failures: row.failures, lockedUntilMs: row.locked_until_ms, changedMs: row.changed_ms }
  }

  keepLock(account: string, place: string, { failures, lockedUntilMs, changedMs }: Lock): void {
    this.#sql.keep.run(account, place, failures, lockedUntilMs, changedMs)
  }

  isFamiliar(account: string, place: string, sinceMs: number): boolean {
    return place !== STRANGE_PLACES && this.#sql.isFamiliar.get(account, place, sinceMs) !== undefined
  }

  makeFamiliar(account: string, place: string, nowMs: number, most: number): void {
    if (place === STRANGE_PLACES) return
    this.#sql.makeFamiliar.run(account, place, nowMs)
    this.#sql.keepLatest.run({ account, most })
  }

  forgetLocks(account: string, places: 'failures' | 'failures and places'): void {
    this.#sql[places === 'failures' ? 'forgetFailures' : 'forgetAll'].run(account)
  }

  pruneLocks(changedSinceMs: number, familiarSinceMs: number): void {
    this.#sql.prune.run(changedSinceMs, familiarSinceMs)
  }
}
