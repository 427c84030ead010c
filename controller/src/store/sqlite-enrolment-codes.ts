import type { EnrolmentCodes, KeptCode } from '../identity/enrolment-codes.ts'
import type { SqliteDatabase, Store } from './store.ts'

/** Old codes answer "used" and "expired" for as long as anybody may still try them; the audit log keeps them for good. */
const KEPT_MS = 30 * 86_400_000
const LISTED = 200

interface CodeRow {
  readonly secret_hash: Buffer
  readonly site: string
  readonly device: string
  readonly created_ms: number
  readonly created_by: string
  readonly expires_ms: number
  readonly used_ms: number | null
  readonly may_replace: number
}

function toCode(row: CodeRow): KeptCode {
  return {
    secretHash: row.secret_hash,
    site: row.site,
    device: row.device,
    createdMs: row.created_ms,
    createdBy: row.created_by,
    expiresMs: row.expires_ms,
    usedMs: row.used_ms,
    mayReplace: row.may_replace === 1,
  }
}

function prepare(db: SqliteDatabase) {
  return {
    add: db.prepare<[Uint8Array, string, string, number, string, number, number]>(
      `INSERT INTO enrolment_codes (secret_hash, site, device, created_ms, created_by, expires_ms, may_replace)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    find: db.prepare<[Uint8Array], CodeRow>('SELECT * FROM enrolment_codes WHERE secret_hash = ?'),
    use: db.prepare<[number, Uint8Array, number]>(
      'UPDATE enrolment_codes SET used_ms = ? WHERE secret_hash = ? AND used_ms IS NULL AND expires_ms > ?',
    ),
    withdraw: db.prepare<[string]>('DELETE FROM enrolment_codes WHERE device = ? AND used_ms IS NULL'),
    forget: db.prepare<[number]>('DELETE FROM enrolment_codes WHERE expires_ms < ?'),
    list: db.prepare<[number], CodeRow>('SELECT * FROM enrolment_codes ORDER BY created_ms DESC, device LIMIT ?'),
  }
}

/** The codes in SQLite, on the registry's own connection. */
export class SqliteEnrolmentCodes implements EnrolmentCodes {
  readonly #sql: ReturnType<typeof prepare>

  constructor({ db }: Pick<Store, 'db'>) {
    this.#sql = prepare(db)
  }

  add({ secretHash, site, device, createdMs, createdBy, expiresMs, mayReplace }: KeptCode): void {
    this.#sql.forget.run(createdMs - KEPT_MS)
    this.#sql.withdraw.run(device)
    this.#sql.add.run(secretHash, site, device, createdMs, createdBy, expiresMs, mayReplace ? 1 : 0)
  }

  find(secretHash: Uint8Array): KeptCode | null {
    const row = this.#sql.find.get(secretHash)
    return row === undefined ? null : toCode(row)
  }

  use(secretHash: Uint8Array, nowMs: number): boolean {
    return this.#sql.use.run(nowMs, secretHash, nowMs).changes === 1
  }

  withdraw(device: string): boolean {
    return this.#sql.withdraw.run(device).changes > 0
  }

  list(): readonly KeptCode[] {
    return this.#sql.list.all(LISTED).map(toCode)
  }
}
