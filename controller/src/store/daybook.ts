import { decodeBody, toHex } from '@ankang/protocol'
import type { ControllerScene } from '../scenes/controller-scene.ts'
import { dayEntryOf } from '../scenes/day-entry.ts'
import type { SqliteDatabase } from './store.ts'

/*
 * The daybook finds a scene's records of a day in the order of their own time. Records come days late and in any order, so
 * that neither when they were received nor where they are stored says anything of it. Ingest writes an entry with each
 * record; what was stored before its scene was known here is entered at the next start.
 */

/** A record's place, and its body unless retention has deleted it. */
export interface DaybookRow {
  readonly device: string
  /** Hex. */
  readonly epoch: string
  readonly seq: number
  readonly body: Uint8Array | null
}

const SCENES_KEY = 'daybook-scenes'
/** Records in memory at once. */
const CHUNK = 1000
const SHOWING_TYPE = 1

const countsByDays = (scenes: readonly ControllerScene[]): string =>
  scenes
    .filter(scene => scene.dayOf !== undefined)
    .map(({ name }) => name)
    .sort()
    .join(' ')

function hasTable(db: SqliteDatabase): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'daybook'").get() !== undefined
}

function enteredScenes(db: SqliteDatabase): string | null {
  const row = db.prepare<[string], { value: Buffer }>('SELECT value FROM meta WHERE key = ?').get(SCENES_KEY)
  return row === undefined ? null : row.value.toString('utf8')
}

/** Whether all records of this scene are in the daybook. A store that no newer program has opened has none. */
export function daybookHas(db: SqliteDatabase, scene: string): boolean {
  return hasTable(db) && (enteredScenes(db)?.split(' ').includes(scene) ?? false)
}

/**
 * Enters what stands in the store and not yet in the daybook, when the scenes that count by days are others than last time:
 * reads every record then, once. An interrupted run leaves nothing and is done again. Tells `onLong` beforehand how many there are, where there are any. Returns how many it entered.
 */
export function completeDaybook(
  db: SqliteDatabase,
  scenes: readonly ControllerScene[],
  onLong: (records: number) => void = () => undefined,
): number {
  const wanted = countsByDays(scenes)
  if (enteredScenes(db) === wanted) return 0
  const records = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM records').get()?.id ?? 0
  if (records > 0) onLong(records)
  // A showing whose body was deleted before it was entered may have been a ride, and is told of as such.
  const chunk = db.prepare<[number], { id: number; seq: number; body: Buffer | null }>(
    `SELECT id, seq, body FROM records WHERE id > ? AND (body IS NOT NULL OR type IS NULL OR type = ${SHOWING_TYPE})
     ORDER BY id LIMIT ${CHUNK}`,
  )
  const enter = db.prepare<[string, number, number, number]>(
    'INSERT INTO daybook (scene, day, time_ms, record_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const enterAll = (): number => {
    let entered = 0
    for (let rows = chunk.all(0); rows.length > 0; rows = chunk.all(rows.at(-1)?.id ?? 0)) {
      for (const { id, seq, body } of rows) {
        const decoded = body === null ? null : decodeBody(body)
        const entry = dayEntryOf(scenes, decoded?.ok === true && decoded.value.seq === seq ? decoded.value : null)
        if (entry !== null) entered += enter.run(entry.scene, entry.day, entry.timeMs, id).changes
      }
    }
    db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ).run(SCENES_KEY, Buffer.from(wanted))
    return entered
  }
  return db.transaction(enterAll).immediate()
}

/** The days there are of a scene, rising. */
export function* daybookDays(db: SqliteDatabase, scene: string): Generator<number> {
  // one search a day: DISTINCT would go over every entry
  const next = db.prepare<[string, number], { day: number | null }>(
    'SELECT min(day) AS day FROM daybook WHERE scene = ? AND day > ?',
  )
  for (let day = next.get(scene, 0)?.day ?? null; day !== null; day = next.get(scene, day)?.day ?? null) yield day
}

/** CROSS JOIN keeps the daybook outermost: its order is the one wanted, and only ties are left to sort. */
export const DAYBOOK_ROWS = `
  SELECT device, epoch, seq, body
  FROM daybook CROSS JOIN records ON records.id = record_id CROSS JOIN epochs ON epochs.id = epoch_id
  WHERE scene = ? AND day = ? ORDER BY time_ms, device, epoch, seq`

/**
 * A scene's records of a day by time, ties by device, epoch and seq; one row at a time. Day 0: those whose day cannot be
 * read; scene '' and day 0: those of which nothing can be read.
 */
export function* daybookRows(db: SqliteDatabase, scene: string, day: number): Generator<DaybookRow> {
  const rows = db.prepare<[string, number], { device: string; epoch: Buffer; seq: number; body: Buffer | null }>(
    DAYBOOK_ROWS,
  )
  for (const { device, epoch, seq, body } of rows.iterate(scene, day)) yield { device, epoch: toHex(epoch), seq, body }
}
