import type { SqliteDatabase } from './store.ts'

function prepare(db: SqliteDatabase) {
  return {
    // nothing is ever taken out of these two
    batches: db.prepare<[], { count: number | null }>('SELECT max(id) AS count FROM batches'),
    auditEntries: db.prepare<[], { count: number | null }>('SELECT max(id) AS count FROM audit'),
    sessions: db.prepare<[number], { count: number }>('SELECT count(*) AS count FROM sessions WHERE seen_ms > ?'),
    expiring: db.prepare<[number], { count: number }>(
      `SELECT count(*) AS count FROM enrolled
       WHERE revoked_ms IS NULL AND NOT EXISTS (
         SELECT 1 FROM certificates
         WHERE certificates.device = enrolled.device AND revoked_ms IS NULL AND not_after_ms > ?)`,
    ),
  }
}

/** What the metrics say of the store; each is cheap to ask. */
export class StoreFigures {
  readonly #db: SqliteDatabase
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#sql = prepare(db)
  }

  batches(): number {
    return this.#sql.batches.get()?.count ?? 0
  }

  auditEntries(): number {
    return this.#sql.auditEntries.get()?.count ?? 0
  }

  /** Log-ins used since then. */
  sessions(sinceMs: number): number {
    return this.#sql.sessions.get(sinceMs)?.count ?? 0
  }

  /** Devices of ours without a certificate that is good until then. */
  certificatesExpiringBy(timeMs: number): number {
    return this.#sql.expiring.get(timeMs)?.count ?? 0
  }

  /** Of the database's own pages, without what is still in its journal. */
  bytes(): number {
    const [pages, pageBytes] = ['page_count', 'page_size'].map(name => Number(this.#db.pragma(name, { simple: true })))
    return (pages ?? 0) * (pageBytes ?? 0)
  }
}
