import type { DesiredBook, DesiredState } from '../orders/order-book.ts'
import type { Store } from './store.ts'

interface DesiredRow {
  readonly device: string
  readonly version: number
  readonly config: string
  readonly cose: Buffer
  readonly set_ms: number
  readonly set_by: string
}

function toDesired({ device, version, config, cose, set_ms, set_by }: DesiredRow): DesiredState {
  return { device, version, config: JSON.parse(config), cose, setMs: set_ms, setBy: set_by }
}

function prepare({ db }: Store) {
  const columns = 'device, version, config, cose, set_ms, set_by'
  return {
    keep: db.prepare(
      `INSERT INTO desired (${columns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (device) DO UPDATE
       SET version = excluded.version, config = excluded.config, cose = excluded.cose,
           set_ms = excluded.set_ms, set_by = excluded.set_by`,
    ),
    find: db.prepare<[string], DesiredRow>(`SELECT ${columns} FROM desired WHERE device = ?`),
    versions: db.prepare<[], Pick<DesiredRow, 'device' | 'version'>>('SELECT device, version FROM desired'),
    all: db.prepare<[], DesiredRow>(`SELECT ${columns} FROM desired ORDER BY device`),
  }
}

/** The desired states in SQLite. */
export class SqliteDesired implements DesiredBook {
  readonly #store: Store
  readonly #sql: ReturnType<typeof prepare>
  /** By device. Null: to be read, since something may have been kept. Only the controller's own process keeps any. */
  #versions: ReadonlyMap<string, number> | null = null

  constructor(store: Store) {
    this.#store = store
    this.#sql = prepare(store)
  }

  commit<T>(work: () => T): T {
    try {
      return this.#store.db.transaction(work).immediate()
    } finally {
      this.#versions = null
    }
  }

  keep({ device, version, config, cose, setMs, setBy }: DesiredState): void {
    this.#sql.keep.run(device, version, JSON.stringify(config), cose, setMs, setBy)
  }

  find(device: string): DesiredState | null {
    const row = this.#sql.find.get(device)
    return row === undefined ? null : toDesired(row)
  }

  /** 0 where none was ever set. From memory: a list of devices asks it of each. */
  versionOf(device: string): number {
    this.#versions ??= new Map(this.#sql.versions.all().map(row => [row.device, row.version]))
    return this.#versions.get(device) ?? 0
  }

  all(): readonly DesiredState[] {
    return this.#sql.all.all().map(toDesired)
  }
}
