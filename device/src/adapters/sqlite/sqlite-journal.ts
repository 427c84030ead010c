import {
  BugError,
  EnvironmentError,
  type Epoch,
  equalBytes,
  genesisLink,
  type Head,
  nextLink,
  sha256,
  toHex,
  UsageError,
} from '@ankang/protocol'
import Database from 'better-sqlite3'
import type { Clock } from '../../ports/clock.ts'
import type { Journal, JournalEntry, JournalHistory, JournalRecord, ReadLimits } from '../../ports/journal.ts'
import { configureJournal, migrateJournal } from './journal-schema.ts'

interface JournalOptions {
  readonly file: string
  readonly device: string
  /** Raw Ed25519 key of the device, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly clock: Clock
  readonly random: (lengthBytes: number) => Uint8Array
}

interface Row {
  readonly seq: number
  readonly link: Buffer
  readonly body: Buffer
  readonly written_ms: number
}

/** Records checked against their links when the journal opens; older ones were checked when they were uploaded. */
const SELF_CHECK_RECORDS = 1000
/** Showings a device remembers: weeks of a hall. Counted in records, since a clock that steps must make it forget none. */
const MARKS_KEPT_RECORDS = 50_000
const MARK_SWEEP_RECORDS = 4096
const FULL_CODES = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'])

function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : 'unknown'
}

function journalFault(error: unknown, file: string): EnvironmentError {
  const code = sqliteCode(error)
  if (FULL_CODES.has(code)) {
    return new EnvironmentError(
      'journal-full',
      `${file}: no space left to write a record; free space on this partition`,
      { cause: error, retryable: true, details: { sqlite: code } },
    )
  }
  return new EnvironmentError(
    'journal-broken',
    `${file}: the journal cannot be written (${code}); check the disk, then restart`,
    { cause: error, retryable: false, details: { sqlite: code } },
  )
}

function openDatabase(file: string): Database.Database {
  try {
    const db = new Database(file, { timeout: 1000 })
    configureJournal(db)
    migrateJournal(db, file)
    return db
  } catch (error) {
    if (error instanceof EnvironmentError) throw error
    const code = sqliteCode(error)
    if (code === 'SQLITE_BUSY') {
      throw new EnvironmentError('journal-in-use', `${file}: another program holds this journal; stop it first`, {
        cause: error,
        retryable: true,
      })
    }
    if (FULL_CODES.has(code)) throw journalFault(error, file)
    throw new EnvironmentError('journal-unreadable', `${file}: expected a journal, it cannot be opened (${code})`, {
      cause: error,
      retryable: false,
    })
  }
}

/** The journal in SQLite. `append` is one transaction and one fsync. Throws as the port says, and `journal-of-another-device`. */
export class SqliteJournal implements Journal {
  readonly epoch: Epoch
  readonly history: JournalHistory
  readonly #db: Database.Database
  readonly #options: JournalOptions
  readonly #marks = new Map<string, { readonly until: number; readonly seq: number }>()
  readonly #write: (record: JournalRecord, entry: JournalEntry) => void
  #head: Head
  #base: { readonly seq: number; readonly link: Uint8Array }

  constructor(options: JournalOptions) {
    this.#options = options
    this.#db = openDatabase(options.file)
    try {
      this.epoch = this.#loadEpoch()
      this.#base = this.#loadBase()
      this.#head = this.#loadHead()
      this.#selfCheck()
      this.#loadMarks()
    } catch (error) {
      this.#db.close()
      throw error
    }
    this.#write = this.#prepareWrite()
    this.history = this.#makeHistory()
  }

  head(): Head {
    return this.#head
  }

  async append(entry: JournalEntry): Promise<JournalRecord> {
    const seq = this.#head.seq + 1
    const body = entry.build(seq)
    const link = nextLink(this.#head.link, seq, sha256(body))
    const record = { seq, body, link, writtenMs: this.#options.clock.nowMs() }
    try {
      this.#write(record, entry)
    } catch (error) {
      throw journalFault(error, this.#options.file)
    }
    this.#head = { ...this.#head, seq, link }
    for (const { tag, until } of entry.marks ?? []) this.#marks.set(toHex(tag), { until, seq })
    if (seq % MARK_SWEEP_RECORDS === 0) this.#sweepMarks()
    return record
  }

  markedUntil(tag: Uint8Array): number | null {
    return this.#marks.get(toHex(tag))?.until ?? null
  }

  /** The settings in force, read from SQLite: `synchronous` 2 is FULL. */
  durability(): { readonly journalMode: string; readonly synchronous: number } {
    return {
      journalMode: String(this.#db.pragma('journal_mode', { simple: true })),
      synchronous: Number(this.#db.pragma('synchronous', { simple: true })),
    }
  }

  async close(): Promise<void> {
    if (this.#db.open) this.#db.close()
  }

  #prepareWrite(): (record: JournalRecord, entry: JournalEntry) => void {
    const insertRecord = this.#db.prepare('INSERT INTO records (seq, link, body, written_ms) VALUES (?, ?, ?, ?)')
    const insertMark = this.#db.prepare(
      'INSERT INTO marks (tag, until, seq) VALUES (?, ?, ?) ON CONFLICT (tag) DO UPDATE SET until = excluded.until, seq = excluded.seq',
    )
    const transaction = this.#db.transaction((record: JournalRecord, entry: JournalEntry) => {
      insertRecord.run(record.seq, record.link, record.body, record.writtenMs)
      for (const { tag, until } of entry.marks ?? []) insertMark.run(tag, until, record.seq)
    })
    return (record, entry) => transaction.immediate(record, entry)
  }

  #loadEpoch(): Epoch {
    const { device, publicKey, random, file } = this.#options
    const row = this.#db.prepare('SELECT * FROM epoch').get() as
      | {
          device: string
          public_key: Buffer
          epoch: Buffer
          predecessor_epoch: Buffer | null
          predecessor_seq: number | null
          predecessor_link: Buffer | null
        }
      | undefined
    if (row === undefined) {
      const epoch = random(8)
      this.#db.prepare('INSERT INTO epoch (device, public_key, epoch) VALUES (?, ?, ?)').run(device, publicKey, epoch)
      if (Number(this.#db.pragma('synchronous', { simple: true })) !== 2)
        throw new BugError('journal-not-full-sync', 'synchronous=FULL did not hold after a write')
      return { device, publicKey, epoch, predecessor: null }
    }
    if (row.device !== device || !equalBytes(row.public_key, publicKey)) {
      throw new UsageError(
        'journal-of-another-device',
        `${file}: written by device ${row.device} with another key or id; expected ${device}. Give this device its own journal file`,
      )
    }
    const { predecessor_epoch: epoch, predecessor_seq: seq, predecessor_link: link } = row
    const predecessor =
      epoch === null || seq === null || link === null
        ? null
        : { epoch: new Uint8Array(epoch), seq, link: new Uint8Array(link) }
    return { device, publicKey, epoch: new Uint8Array(row.epoch), predecessor }
  }

  #loadBase(): { readonly seq: number; readonly link: Uint8Array } {
    const row = this.#db.prepare('SELECT seq, link FROM pruned ORDER BY seq DESC LIMIT 1').get() as
      | { seq: number; link: Buffer }
      | undefined
    return row === undefined
      ? { seq: 0, link: genesisLink(this.epoch) }
      : { seq: row.seq, link: new Uint8Array(row.link) }
  }

  #loadHead(): Head {
    const row = this.#db.prepare('SELECT seq, link FROM records ORDER BY seq DESC LIMIT 1').get() as
      | { seq: number; link: Buffer }
      | undefined
    return {
      epoch: this.epoch.epoch,
      seq: row?.seq ?? this.#base.seq,
      link: row === undefined ? this.#base.link : new Uint8Array(row.link),
    }
  }

  #selfCheck(): void {
    const from = Math.max(this.#base.seq + 1, this.#head.seq - SELF_CHECK_RECORDS + 1)
    let link = this.#linkAt(from - 1)
    let seq = from - 1
    for (const row of this.#db
      .prepare('SELECT * FROM records WHERE seq >= ? ORDER BY seq')
      .iterate(from) as IterableIterator<Row>) {
      seq++
      link = link === null ? null : nextLink(link, seq, sha256(row.body))
      if (row.seq !== seq || link === null || !equalBytes(link, row.link)) {
        throw new EnvironmentError(
          'journal-broken',
          `${this.#options.file}: record ${seq} does not follow from the one before; keep the file for the auditor and start with a new one`,
          { retryable: false },
        )
      }
    }
  }

  #loadMarks(): void {
    const rows = this.#db.prepare('SELECT tag, until, seq FROM marks WHERE seq > ?').iterate(this.#forgottenThrough())
    for (const row of rows as IterableIterator<{ tag: Buffer; until: number; seq: number }>)
      this.#marks.set(toHex(row.tag), { until: row.until, seq: row.seq })
  }

  /** In memory at once, on disk with the next prune: a delete that fails on a full disk must not fail an append. */
  #sweepMarks(): void {
    const through = this.#forgottenThrough()
    for (const [tag, { seq }] of this.#marks) if (seq <= through) this.#marks.delete(tag)
  }

  #forgottenThrough(): number {
    return this.#head.seq - MARKS_KEPT_RECORDS
  }

  #linkAt(seq: number): Uint8Array | null {
    if (seq === this.#base.seq) return this.#base.link
    const row = this.#db.prepare('SELECT link FROM records WHERE seq = ?').get(seq) as { link: Buffer } | undefined
    return row === undefined ? null : new Uint8Array(row.link)
  }

  #makeHistory(): JournalHistory {
    const select = this.#db.prepare('SELECT * FROM records WHERE seq >= ? ORDER BY seq LIMIT ?')
    const named = <T>(run: () => T): T => {
      try {
        return run()
      } catch (error) {
        throw journalFault(error, this.#options.file)
      }
    }
    return {
      read: (fromSeq, limits) =>
        named(() => takeWithin(select.iterate(fromSeq, limits.maxRecords) as IterableIterator<Row>, limits)),
      linkAt: seq => named(() => this.#linkAt(seq)),
      oldestSeq: () => this.#base.seq + 1,
      prune: (throughSeq, beforeMs) => named(() => this.#prune(throughSeq, beforeMs)),
    }
  }

  #prune(throughSeq: number, beforeMs: number): number {
    const young = this.#db.prepare('SELECT min(seq) AS seq FROM records WHERE written_ms >= ?').get(beforeMs) as {
      seq: number | null
    }
    const through = Math.min(throughSeq, this.#head.seq - 1, (young.seq ?? Number.MAX_SAFE_INTEGER) - 1)
    const link = through > this.#base.seq ? this.#linkAt(through) : null
    if (link === null) return 0
    const base = { seq: through, link }
    const dropped = this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM marks WHERE seq <= ?').run(this.#forgottenThrough())
      this.#db.prepare('DELETE FROM pruned').run()
      this.#db.prepare('INSERT INTO pruned (seq, link) VALUES (?, ?)').run(base.seq, base.link)
      return this.#db.prepare('DELETE FROM records WHERE seq <= ?').run(base.seq).changes
    })()
    this.#base = base
    return dropped
  }
}

function takeWithin(rows: Iterable<Row>, limits: ReadLimits): JournalRecord[] {
  const records: JournalRecord[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.body.length
    if (records.length > 0 && bytes > limits.maxBytes) break
    records.push({
      seq: row.seq,
      link: new Uint8Array(row.link),
      body: new Uint8Array(row.body),
      writtenMs: row.written_ms,
    })
  }
  return records
}
