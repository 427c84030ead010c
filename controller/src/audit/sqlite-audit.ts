import { setImmediate as giveWay } from 'node:timers/promises'
import { concatBytes, equalBytes, readU64be, toHex, u64be } from '@ankang/protocol'
import type { SqliteDatabase } from '../store/store.ts'
import type {
  Audit,
  AuditCheck,
  AuditEntry,
  AuditFault,
  AuditPage,
  AuditReader,
  AuditRecord,
  AuditSearch,
  AuditWitness,
} from './audit.ts'
import { AUDIT_GENESIS, auditLink, type StoredEntry, toStoredEntry } from './audit-chain.ts'

interface AuditRow {
  readonly id: number
  readonly time_ms: number
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly purpose: string | null
  readonly ok: number
  readonly detail: string
  readonly link: Buffer
}

interface SearchedRows {
  readonly before: number
  readonly bottom: number
  readonly actor: string | null
  readonly action: string | null
  readonly limit: number
}

interface End {
  readonly id: number
  readonly link: Uint8Array
}

/** u64be(id) ‖ link, written with each entry: without it, entries could be taken off the end unseen. */
const NEWEST = 'audit-newest'
const ROWS_AT_ONCE = 500
/** Looked through for one search: some ten milliseconds. */
const ROWS_A_SEARCH = 10_000
const COLUMNS = 'id, time_ms, actor, action, subject, purpose, ok, detail, link'

function toEntry({ time_ms, actor, action, subject, purpose, ok, detail }: AuditRow): StoredEntry {
  // No entry was made at −1: a number nobody can have written must end as a fault of the chain, not of this program.
  const timeMs = Number.isSafeInteger(time_ms) ? time_ms : -1
  return { timeMs, actor, action, subject, purpose, ok: ok !== 0, detail }
}

function isDetail(json: unknown): json is AuditRecord['detail'] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  return Object.values(json).every(value => value === null || typeof value !== 'object')
}

/** Somebody may have been at the text: a log that cannot be read for that would hide who. */
function parseDetail(text: string): AuditRecord['detail'] {
  try {
    const json: unknown = JSON.parse(text)
    return isDetail(json) ? json : { unreadable: text }
  } catch {
    return { unreadable: text }
  }
}

function toRecord(row: AuditRow): AuditRecord {
  return { ...toEntry(row), id: row.id, detail: parseDetail(row.detail), link: toHex(row.link) }
}

function prepare(db: SqliteDatabase) {
  return {
    newest: db.prepare<[], { value: Buffer }>(`SELECT value FROM meta WHERE key = '${NEWEST}'`),
    keepNewest: db.prepare<[Uint8Array]>(
      `INSERT INTO meta (key, value) VALUES ('${NEWEST}', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
    last: db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM audit'),
    add: db.prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    before: db.prepare<[number, number], AuditRow>(
      `SELECT ${COLUMNS} FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`,
    ),
    bottom: db.prepare<[number, number], { id: number | null }>(
      'SELECT min(id) AS id FROM (SELECT id FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?)',
    ),
    search: db.prepare<[SearchedRows], AuditRow>(
      `SELECT ${COLUMNS} FROM audit WHERE id < :before AND id >= :bottom
       AND (:actor IS NULL OR actor = :actor) AND (:action IS NULL OR substr(action, 1, length(:action)) = :action)
       ORDER BY id DESC LIMIT :limit`,
    ),
    hasBefore: db.prepare<[number]>('SELECT 1 FROM audit WHERE id < ? LIMIT 1'),
    after: db.prepare<[number, number], AuditRow>(`SELECT ${COLUMNS} FROM audit WHERE id > ? ORDER BY id LIMIT ?`),
  }
}

function fault(
  id: number,
  kind: AuditFault['fault'],
  more: Partial<Omit<AuditFault, 'id' | 'fault'>> = {},
): AuditFault {
  return { id, fault: kind, expected: null, found: null, foundAt: null, ...more }
}

/** The audit log in SQLite. Several processes may append at once. */
export class SqliteAudit implements Audit, AuditReader {
  readonly #db: SqliteDatabase
  readonly #nowMs: () => number
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: SqliteDatabase, nowMs: () => number) {
    this.#db = db
    this.#nowMs = nowMs
    this.#sql = prepare(db)
  }

  append(entry: AuditEntry): AuditRecord {
    const stored = toStoredEntry(entry, this.#nowMs())
    return this.#db
      .transaction(() => {
        // From what was noted, not from the last row: a chain that went on after its end was cut off would hide the cut.
        const end = this.#end()
        const id = end.id + 1
        const link = auditLink(end.link, id, stored)
        const { timeMs, actor, action, subject, purpose, ok, detail } = stored
        this.#sql.add.run(id, timeMs, actor, action, subject, purpose, ok ? 1 : 0, detail, link)
        this.#sql.keepNewest.run(concatBytes(u64be(id), link))
        return { ...stored, id, detail: parseDetail(detail), link: toHex(link) }
      })
      .immediate()
  }

  newest(): AuditWitness {
    const { id, link } = this.#end()
    return { id, link: toHex(link) }
  }

  read(before: number | null, limit: number): readonly AuditRecord[] {
    return this.#sql.before.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(toRecord)
  }

  find({ before, limit, actor, action }: AuditSearch): AuditPage {
    const from = before ?? Number.MAX_SAFE_INTEGER
    const bottom = this.#sql.bottom.get(from, ROWS_A_SEARCH)?.id ?? null
    if (bottom === null) return { records: [], olderBefore: null }
    const wanted = { before: from, bottom, actor: actor ?? null, action: action ?? null, limit }
    const records = this.#sql.search.all(wanted).map(toRecord)
    const reached = records.length < limit ? bottom : (records.at(-1)?.id ?? bottom)
    return { records, olderBefore: this.#sql.hasBefore.get(reached) === undefined ? null : reached }
  }

  async check(witness?: AuditWitness): Promise<AuditCheck> {
    // Together, since another process may append in between.
    const { end, last } = this.#db.transaction(() => ({ end: this.#end(), last: this.#sql.last.get()?.id ?? 0 }))()
    const newest = { id: end.id, link: toHex(end.link) }
    const firstFault = (await this.#walk(newest, witness)) ?? (last > end.id ? fault(end.id + 1, 'added') : null)
    return { ok: firstFault === null, records: end.id, newest, firstFault }
  }

  #end(): End {
    const value = this.#sql.newest.get()?.value
    return value === undefined
      ? { id: 0, link: AUDIT_GENESIS }
      : { id: readU64be(value), link: new Uint8Array(value.subarray(8)) }
  }

  async #walk(newest: AuditWitness, witness: AuditWitness | undefined): Promise<AuditFault | null> {
    const noted = [newest, ...(witness === undefined ? [] : [witness])].sort((a, b) => a.id - b.id)
    const differs = (id: number, link: Uint8Array): AuditFault | null => {
      const other = noted.find(note => note.id === id && note.link !== toHex(link))
      return other === undefined ? null : fault(id, 'rewritten', { expected: other.link, found: toHex(link) })
    }
    let [previous, at] = [AUDIT_GENESIS, 0]
    const atStart = differs(0, AUDIT_GENESIS)
    if (atStart !== null) return atStart
    while (at < newest.id) {
      const rows = this.#sql.after.all(at, Math.min(ROWS_AT_ONCE, newest.id - at))
      for (const row of rows) {
        const wrong = this.#faultAt(at + 1, previous, row) ?? differs(at + 1, row.link)
        if (wrong !== null) return wrong
        previous = row.link
        at++
      }
      if (rows.length === 0) return fault(at + 1, 'missing', { expected: at + 1 === newest.id ? newest.link : null })
      await giveWay()
    }
    const beyond = noted.find(note => note.id > newest.id)
    return beyond === undefined ? null : fault(newest.id + 1, 'missing')
  }

  #faultAt(id: number, previous: Uint8Array, row: AuditRow): AuditFault | null {
    const expected = row.id === id ? auditLink(previous, id, toEntry(row)) : null
    if (expected !== null && equalBytes(expected, row.link)) return null
    const foundAt = this.#whereIs(id, previous)
    if (foundAt !== null) return fault(id, 'moved', { foundAt, found: expected === null ? null : toHex(row.link) })
    if (expected === null) return fault(id, 'missing')
    return fault(id, 'altered', { expected: toHex(expected), found: toHex(row.link) })
  }

  /** The later row whose content and link say that it belongs at `id`. */
  #whereIs(id: number, previous: Uint8Array): number | null {
    let at = id
    for (;;) {
      const rows = this.#sql.after.all(at, ROWS_AT_ONCE)
      const found = rows.find(row => equalBytes(auditLink(previous, id, toEntry(row)), row.link))
      if (found !== undefined) return found.id
      const last = rows.at(-1)
      if (last === undefined) return null
      at = last.id
    }
  }
}
