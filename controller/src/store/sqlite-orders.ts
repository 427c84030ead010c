import type { Order, OrderOutcome } from '../orders/order.ts'
import type { OrderBook } from '../orders/order-book.ts'
import type { Store } from './store.ts'

interface OrderRow {
  readonly id: string
  readonly device: string
  readonly name: string
  readonly args: string
  readonly issued_ms: number
  readonly expires_ms: number
  readonly issued_by: string
  readonly purpose: string
  readonly cose: Buffer
  readonly result_ok: number | null
  readonly result_detail: string | null
  readonly result_ms: number | null
  readonly result_cose: Buffer | null
}

const COLUMNS =
  'id, device, name, args, issued_ms, expires_ms, issued_by, purpose, cose, result_ok, result_detail, result_ms, result_cose'

function outcomeOf({ result_ok, result_detail, result_ms, result_cose }: OrderRow): OrderOutcome | null {
  if (result_ok === null || result_ms === null) return null
  return { ok: result_ok === 1, detail: result_detail ?? '', timeMs: result_ms, cose: result_cose }
}

function toOrder(row: OrderRow): Order {
  return {
    id: row.id,
    device: row.device,
    name: row.name,
    args: JSON.parse(row.args),
    issuedMs: row.issued_ms,
    expiresMs: row.expires_ms,
    issuedBy: row.issued_by,
    purpose: row.purpose,
    cose: row.cose,
    outcome: outcomeOf(row),
  }
}

function prepare({ db }: Store) {
  return {
    add: db.prepare(
      `INSERT INTO commands (id, device, name, args, issued_ms, expires_ms, issued_by, purpose, cose)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    find: db.prepare<[string], OrderRow>(`SELECT ${COLUMNS} FROM commands WHERE id = ?`),
    conclude: db.prepare(
      'UPDATE commands SET result_ok = ?, result_detail = ?, result_ms = ?, result_cose = ? WHERE id = ?',
    ),
    ofDevice: db.prepare<[string, number], OrderRow>(
      `SELECT ${COLUMNS} FROM commands WHERE device = ? ORDER BY issued_ms DESC, id LIMIT ?`,
    ),
    waiting: db.prepare<[number], OrderRow>(
      `SELECT ${COLUMNS} FROM commands WHERE result_ok IS NULL AND expires_ms > ? ORDER BY issued_ms, id`,
    ),
  }
}

/** The orders in SQLite. */
export class SqliteOrders implements OrderBook {
  readonly #store: Store
  readonly #sql: ReturnType<typeof prepare>

  constructor(store: Store) {
    this.#store = store
    this.#sql = prepare(store)
  }

  commit<T>(work: () => T): T {
    return this.#store.db.transaction(work).immediate()
  }

  add({ id, device, name, args, issuedMs, expiresMs, issuedBy, purpose, cose }: Order): void {
    this.#sql.add.run(id, device, name, JSON.stringify(args), issuedMs, expiresMs, issuedBy, purpose, cose)
  }

  find(id: string): Order | null {
    const row = this.#sql.find.get(id)
    return row === undefined ? null : toOrder(row)
  }

  conclude(id: string, { ok, detail, timeMs, cose }: OrderOutcome): void {
    this.#sql.conclude.run(ok ? 1 : 0, detail, timeMs, cose, id)
  }

  ofDevice(device: string, limit: number): readonly Order[] {
    return this.#sql.ofDevice.all(device, limit).map(toOrder)
  }

  waiting(nowMs: number): readonly Order[] {
    return this.#sql.waiting.all(nowMs).map(toOrder)
  }
}
