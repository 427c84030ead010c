import { BugError } from '@ankang/protocol'
import { isRole, type Operator } from '../people/operator.ts'
import type { Credentials, OperatorBook } from '../people/people-book.ts'
import type { Role } from '../people/principal.ts'
import type { SqliteDatabase } from './store.ts'

interface OperatorRow {
  readonly name: string
  readonly role: string
  readonly password: string
  readonly must_change: number
  readonly totp_secret: Buffer | null
  readonly totp_confirmed: number
  readonly totp_last_step: number | null
  readonly disabled_ms: number | null
  readonly created_ms: number
}

function toOperator(row: OperatorRow): Operator {
  const { name, role } = row
  if (!isRole(role)) throw new BugError('role-unknown', `expected a role of operator ${name}, found another word`)
  return {
    name,
    role,
    mustChange: row.must_change !== 0,
    secondFactor: row.totp_confirmed !== 0,
    disabledMs: row.disabled_ms,
    createdMs: row.created_ms,
  }
}

function prepare(db: SqliteDatabase) {
  return {
    add: db.prepare(
      `INSERT INTO operators (name, role, password, must_change, totp_secret, totp_confirmed, totp_last_step, disabled_ms, created_ms)
       VALUES (?, ?, ?, ?, NULL, 0, NULL, ?, ?)`,
    ),
    find: db.prepare<[string], OperatorRow>('SELECT * FROM operators WHERE name = ?'),
    all: db.prepare<[], OperatorRow>('SELECT * FROM operators ORDER BY name'),
    setPassword: db.prepare('UPDATE operators SET password = ?, must_change = ? WHERE name = ?'),
    offer: db.prepare('UPDATE operators SET totp_secret = ?, totp_confirmed = 0, totp_last_step = NULL WHERE name = ?'),
    use: db.prepare('UPDATE operators SET totp_confirmed = 1, totp_last_step = ? WHERE name = ?'),
    setRole: db.prepare('UPDATE operators SET role = ? WHERE name = ?'),
    setDisabled: db.prepare('UPDATE operators SET disabled_ms = ? WHERE name = ?'),
  }
}

/** Operators in SQLite. */
export class SqliteOperators implements OperatorBook {
  readonly #db: SqliteDatabase
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#sql = prepare(db)
  }

  commit<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  add({ name, role, mustChange, disabledMs, createdMs }: Operator, password: string): void {
    this.#sql.add.run(name, role, password, mustChange ? 1 : 0, disabledMs, createdMs)
  }

  find(name: string): Operator | null {
    const row = this.#sql.find.get(name)
    return row === undefined ? null : toOperator(row)
  }

  credentials(name: string): Credentials | null {
    const row = this.#sql.find.get(name)
    if (row === undefined) return null
    return { password: row.password, sealedSecondFactor: row.totp_secret, usedStep: row.totp_last_step }
  }

  all(): readonly Operator[] {
    return this.#sql.all.all().map(toOperator)
  }

  setPassword(name: string, password: string, mustChange: boolean): void {
    this.#sql.setPassword.run(password, mustChange ? 1 : 0, name)
  }

  offerSecondFactor(name: string, sealed: Uint8Array | null): void {
    this.#sql.offer.run(sealed, name)
  }

  useSecondFactor(name: string, step: number): void {
    this.#sql.use.run(step, name)
  }

  setRole(name: string, role: Role): void {
    this.#sql.setRole.run(role, name)
  }

  setDisabled(name: string, disabledMs: number | null): void {
    this.#sql.setDisabled.run(disabledMs, name)
  }
}
