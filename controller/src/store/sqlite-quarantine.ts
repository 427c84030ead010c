import { toHex } from '@ankang/protocol'
import type { Quarantine, QuarantinedMessage } from './quarantine.ts'
import type { SqliteDatabase, Store } from './store.ts'
import { TRUSTED_REACH } from './trusted-reach.ts'

/** Messages of one device: a thief's disk is larger than ours. */
const MAX_MESSAGES = 1000

interface Range {
  readonly from: number
  readonly through: number
}

interface HeldRow {
  readonly epoch: Buffer
  readonly from_seq: number
  readonly through_seq: number
}

function prepare(db: SqliteDatabase) {
  return {
    count: db.prepare<[string], { count: number }>('SELECT count(*) AS count FROM quarantine WHERE device = ?'),
    keep: db.prepare(
      `INSERT INTO quarantine (device, epoch, from_seq, through_seq, link_through, trusted_seq, message, received_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    isBounded: db.prepare<[string]>('SELECT 1 FROM device_keys WHERE device = ? AND bound_head_id IS NOT NULL LIMIT 1'),
    storedBeyond: db.prepare<[string], { epoch: Buffer; stored_through: number; trusted: number }>(
      `SELECT epoch, stored_through, ${TRUSTED_REACH} AS trusted
       FROM epochs JOIN device_keys USING (device, public_key) WHERE device = ? AND bound_head_id IS NOT NULL`,
    ),
    held: db.prepare<[string], HeldRow>(
      `SELECT epoch, max(from_seq, trusted_seq + 1) AS from_seq, through_seq
       FROM quarantine WHERE device = ? ORDER BY epoch, 2`,
    ),
  }
}

/** How many numbers the ranges hold past `after`, each once. They are ordered by `from`. */
function countPast(after: number, ranges: readonly Range[]): number {
  let counted = 0
  let reached = after
  for (const { from, through } of ranges) {
    counted += Math.max(0, through - Math.max(reached, from - 1))
    reached = Math.max(reached, through)
  }
  return counted
}

/** The quarantine in SQLite, on the ledger's own connection. */
export class SqliteQuarantine implements Quarantine {
  readonly #sql: ReturnType<typeof prepare>

  constructor({ db }: Pick<Store, 'db'>) {
    this.#sql = prepare(db)
  }

  keep(kept: QuarantinedMessage): boolean {
    const { device, epoch, from, through, linkThrough, trustedSeq, message, receivedMs } = kept
    if ((this.#sql.count.get(device)?.count ?? 0) >= MAX_MESSAGES) return false
    return this.#sql.keep.run(device, epoch, from, through, linkThrough, trustedSeq, message, receivedMs).changes === 1
  }

  quarantinedRecords(device: string): number {
    if (this.#sql.isBounded.get(device) === undefined) return 0
    const storedThrough = new Map<string, number>()
    let count = 0
    for (const { epoch, stored_through, trusted } of this.#sql.storedBeyond.all(device)) {
      storedThrough.set(toHex(epoch), stored_through)
      count += Math.max(0, stored_through - trusted)
    }
    for (const [epoch, ranges] of this.#heldRanges(device)) count += countPast(storedThrough.get(epoch) ?? 0, ranges)
    return count
  }

  /** By epoch, hex. */
  #heldRanges(device: string): ReadonlyMap<string, readonly Range[]> {
    const ranges = new Map<string, Range[]>()
    for (const { epoch, from_seq: from, through_seq: through } of this.#sql.held.all(device)) {
      const name = toHex(epoch)
      const there = ranges.get(name)
      if (there === undefined) ranges.set(name, [{ from, through }])
      else there.push({ from, through })
    }
    return ranges
  }
}
