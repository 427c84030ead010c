import { setImmediate as giveWay } from 'node:timers/promises'
import { decodeBody } from '@ankang/protocol'
import type { RecordReader, StoredShowing } from './record-reader.ts'
import type { SqliteDatabase } from './store.ts'

/*
 * Finds showings by their tag. The index is derived from the bodies and follows behind them: tags are random, so that each entry
 * lands on a page of its own, and written with its record it would make a commit of the ingest take six times as long. It
 * is brought up to date now and then, many records at once and in the order of their tags, and before every look-up.
 */

const THROUGH_KEY = 'showing-tags-through'
/** Records read in one transaction, short enough for the ingest to get its turn. */
const CHUNK = 1000
const SHOWING_TYPE = 1
export const TAG_BYTES = 8

interface BodyRow {
  readonly id: number
  readonly body: Buffer
}

function tagOf({ body }: BodyRow): Uint8Array | null {
  const decoded = decodeBody(body)
  return decoded.ok ? (decoded.value.showingTag ?? null) : null
}

function prepare(db: SqliteDatabase) {
  return {
    through: db.prepare<[], { value: Buffer }>(`SELECT value FROM meta WHERE key = '${THROUGH_KEY}'`),
    keepThrough: db.prepare<[Uint8Array]>(
      `INSERT INTO meta (key, value) VALUES ('${THROUGH_KEY}', ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
    // by the records' own order and not by the index of showings, which is by epoch
    next: db.prepare<[number], { id: number; type: number | null; body: Buffer | null }>(
      `SELECT id, type, body FROM records WHERE id > ? ORDER BY id LIMIT ${CHUNK}`,
    ),
    enter: db.prepare<[Uint8Array, number]>('INSERT OR IGNORE INTO showing_tags (tag, record_id) VALUES (?, ?)'),
    find: db.prepare<[Uint8Array, number], { record_id: number }>(
      'SELECT record_id FROM showing_tags WHERE tag = ? ORDER BY record_id DESC LIMIT ?',
    ),
  }
}

/** The index of showing tags. Several processes may bring it up to date at once. */
export class ShowingTags {
  readonly #db: SqliteDatabase
  readonly #sql: ReturnType<typeof prepare>
  readonly #reader: Pick<RecordReader, 'showingAt'>
  #running: Promise<number> | null = null

  constructor(db: SqliteDatabase, reader: Pick<RecordReader, 'showingAt'>) {
    this.#db = db
    this.#sql = prepare(db)
    this.#reader = reader
  }

  /**
   * Enters what was stored since the last time; gives way to others in between. Returns how many tags it entered. Whoever asks
   * meanwhile waits for the same run: it ends when there is nothing left.
   */
  catchUp(): Promise<number> {
    this.#running ??= this.#catchUp().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** `tag` is 8 bytes. Newest first; one whose body retention has deleted is not found any more. */
  async find(tag: Uint8Array, limit: number): Promise<readonly StoredShowing[]> {
    await this.catchUp()
    return this.#sql.find.all(tag, limit).flatMap(({ record_id }) => this.#reader.showingAt(record_id) ?? [])
  }

  async #catchUp(): Promise<number> {
    let entered = 0
    for (;;) {
      const step = this.#db.transaction(() => this.#enterNext()).immediate()
      entered += step.entered
      if (step.isDone) return entered
      await giveWay()
    }
  }

  #enterNext(): { readonly entered: number; readonly isDone: boolean } {
    const value = this.#sql.through.get()?.value
    const rows = this.#sql.next.all(value === undefined ? 0 : Number(value.toString('utf8')))
    const last = rows.at(-1)
    if (last === undefined) return { entered: 0, isDone: true }
    const entries = rows.flatMap(({ id, type, body }) => {
      const tag = type === SHOWING_TYPE && body !== null ? tagOf({ id, body }) : null
      return tag === null ? [] : [{ tag, id }]
    })
    const sorted = entries.sort((a, b) => Buffer.compare(a.tag, b.tag))
    for (const { tag, id } of sorted) this.#sql.enter.run(tag, id)
    this.#sql.keepThrough.run(Buffer.from(String(last.id)))
    return { entered: sorted.length, isDone: rows.length < CHUNK }
  }
}
