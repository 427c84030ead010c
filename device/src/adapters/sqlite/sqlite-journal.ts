import { EnvironmentError, type Epoch, equalBytes, genesisLink, type Head, nextLink, sha256 } from '@ankang/protocol'
import type Database from 'better-sqlite3'
import type { Clock } from '../../ports/clock.ts'
import type { Journal, JournalEntry, JournalHistory, JournalRecord, ReadLimits } from '../../ports/journal.ts'
import { openJournalDatabase } from './journal-database.ts'
import { type JournalOwner, loadEpoch } from './journal-epoch.ts'
import { journalFault } from './journal-fault.ts'
import { forgottenThrough, JournalMarks } from './journal-marks.ts'
import { type JournalRow, JournalWriter } from './journal-writer.ts'

interface JournalOptions extends JournalOwner {
  readonly clock: Clock
  /** Under which tags of marks are written down: a tag alone could be found by trying account numbers. */
  readonly markKey: Uint8Array
}

interface StoredRow {
  readonly seq: number
  readonly link: Buffer
  readonly body: Buffer
  readonly written_ms: number
}

/** An entry that waits for its commit. */
interface Waiting {
  readonly entry: JournalEntry
  resolve(record: JournalRecord): void
  reject(fault: unknown): void
}

/** An entry with its place in the chain. */
interface Chained extends JournalRow {
  readonly waiting: Waiting
}

/** Records checked against their links when the journal opens; older ones were checked when they were uploaded. */
const SELF_CHECK_RECORDS = 1000

/**
 * The journal in SQLite. Appends of one tick share a transaction and an fsync; bodies are built, numbered and chained only
 * then, so that a commit that fails leaves nothing to take back. Throws as the port says, and `journal-of-another-device`.
 */
export class SqliteJournal implements Journal {
  readonly epoch: Epoch
  readonly history: JournalHistory
  readonly #db: Database.Database
  readonly #options: JournalOptions
  readonly #writer: JournalWriter
  readonly #marks: JournalMarks
  #head: Head
  #base: { readonly seq: number; readonly link: Uint8Array }
  #waiting: Waiting[] = []

  constructor(options: JournalOptions) {
    this.#options = options
    // Key and tag have each one length, and half a hash is kept: a plain hash of both is as good as an HMAC, at a third of its time.
    const keyed = (tag: Uint8Array) => sha256(options.markKey, tag).subarray(0, 8)
    this.#db = openJournalDatabase(options.file, keyed)
    try {
      this.epoch = loadEpoch(this.#db, options)
      this.#base = this.#loadBase()
      this.#head = this.#loadHead()
      this.#selfCheck()
      this.#marks = new JournalMarks(this.#db, keyed)
      this.#writer = new JournalWriter(this.#db, keyed)
      this.history = this.#makeHistory()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  head(): Head {
    return this.#head
  }

  append(entry: JournalEntry): Promise<JournalRecord> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
      // At the end of this tick: whoever else has something to write by then comes along, and a lone record waits for nobody.
      if (this.#waiting.length === 1) process.nextTick(() => this.#commit())
    })
  }

  markedUntil(tag: Uint8Array): number | null {
    return this.#named(() => this.#marks.until(tag))
  }

  /** The settings in force, read from SQLite: `synchronous` 2 is FULL. */
  durability(): { readonly journalMode: string; readonly synchronous: number } {
    return {
      journalMode: String(this.#db.pragma('journal_mode', { simple: true })),
      synchronous: Number(this.#db.pragma('synchronous', { simple: true })),
    }
  }

  /** What was appended before is still written. */
  async close(): Promise<void> {
    this.#commit()
    if (this.#db.open) this.#db.close()
  }

  #commit(): void {
    const chained = this.#chain(this.#waiting.splice(0))
    const newest = chained.at(-1)?.record
    if (newest === undefined) return
    try {
      this.#writer.write(chained)
    } catch (error) {
      const fault = journalFault(error, this.#options.file)
      for (const { waiting } of chained) waiting.reject(fault)
      return
    }
    this.#head = { ...this.#head, seq: newest.seq, link: newest.link }
    for (const { record, waiting } of chained) waiting.resolve(record)
  }

  /** The entries behind the head, in order; one whose body cannot be built takes no place. */
  #chain(group: readonly Waiting[]): readonly Chained[] {
    const chained: Chained[] = []
    let before: Pick<Head, 'seq' | 'link'> = this.#head
    for (const waiting of group) {
      try {
        const seq = before.seq + 1
        const body = waiting.entry.build(seq)
        const link = nextLink(before.link, seq, sha256(body))
        const record = { seq, body, link, writtenMs: this.#options.clock.nowMs() }
        chained.push({ record, marks: waiting.entry.marks ?? [], waiting })
        before = record
      } catch (error) {
        waiting.reject(error)
      }
    }
    return chained
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
      .iterate(from) as IterableIterator<StoredRow>) {
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

  #linkAt(seq: number): Uint8Array | null {
    if (seq === this.#base.seq) return this.#base.link
    const row = this.#db.prepare('SELECT link FROM records WHERE seq = ?').get(seq) as { link: Buffer } | undefined
    return row === undefined ? null : new Uint8Array(row.link)
  }

  /** A disk that fails does so by the port's names. */
  #named<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      throw journalFault(error, this.#options.file)
    }
  }

  #makeHistory(): JournalHistory {
    const select = this.#db.prepare('SELECT * FROM records WHERE seq >= ? ORDER BY seq LIMIT ?')
    return {
      read: (fromSeq, limits) =>
        this.#named(() =>
          takeWithin(select.iterate(fromSeq, limits.maxRecords) as IterableIterator<StoredRow>, limits),
        ),
      linkAt: seq => this.#named(() => this.#linkAt(seq)),
      oldestSeq: () => this.#base.seq + 1,
      prune: (throughSeq, beforeMs) => this.#named(() => this.#prune(throughSeq, beforeMs)),
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
      this.#db.prepare('DELETE FROM marks WHERE seq <= ?').run(forgottenThrough(this.#head.seq))
      this.#db.prepare('DELETE FROM pruned').run()
      this.#db.prepare('INSERT INTO pruned (seq, link) VALUES (?, ?)').run(base.seq, base.link)
      return this.#db.prepare('DELETE FROM records WHERE seq <= ?').run(base.seq).changes
    })()
    this.#base = base
    return dropped
  }
}

function takeWithin(rows: Iterable<StoredRow>, limits: ReadLimits): JournalRecord[] {
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
