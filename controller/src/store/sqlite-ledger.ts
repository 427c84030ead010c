import { BugError } from '@ankang/protocol'
import type { Extension, Fork, KeptHead, Ledger, NewEpoch, StoredEpoch } from './ledger.ts'
import type { Store } from './store.ts'

interface EpochRow {
  readonly id: number
  readonly device: string
  readonly epoch: Buffer
  readonly public_key: Buffer
  readonly genesis: Buffer
  readonly stored_through: number
  readonly link_there: Buffer
}

const EPOCH_COLUMNS = 'id, device, epoch, public_key, genesis, stored_through, link_there'

function toStoredEpoch(row: EpochRow): StoredEpoch {
  return {
    id: row.id,
    device: row.device,
    epoch: row.epoch,
    publicKey: row.public_key,
    genesis: row.genesis,
    storedThrough: row.stored_through,
    linkThere: row.link_there,
  }
}

function prepare({ db }: Store) {
  return {
    findEpoch: db.prepare<[string, Uint8Array], EpochRow>(
      `SELECT ${EPOCH_COLUMNS} FROM epochs WHERE device = ? AND epoch = ?`,
    ),
    hasEpoch: db.prepare<[string, Uint8Array]>('SELECT 1 FROM epochs WHERE device = ? AND public_key = ? LIMIT 1'),
    linkAt: db.prepare<[number, number], { link: Buffer }>('SELECT link FROM records WHERE epoch_id = ? AND seq = ?'),
    addDevice: db.prepare<[string, string, number]>('INSERT INTO devices VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    addEpoch: db.prepare<unknown[], EpochRow>(
      `INSERT INTO epochs (device, epoch, public_key, predecessor_epoch, predecessor_seq, predecessor_link, genesis, stored_through, link_there, received_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING ${EPOCH_COLUMNS}`,
    ),
    addRecord: db.prepare(
      'INSERT INTO records (epoch_id, seq, type, received_ms, body_hash, link, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    addDayEntry: db.prepare<[string, number, number, number | bigint]>(
      'INSERT INTO daybook (scene, day, time_ms, record_id) VALUES (?, ?, ?, ?)',
    ),
    addBatch: db.prepare(
      'INSERT INTO batches (epoch_id, from_seq, through_seq, cose, received_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    moveHead: db.prepare<[number, Uint8Array, number]>(
      'UPDATE epochs SET stored_through = ?, link_there = ? WHERE id = ?',
    ),
    keepFork: db.prepare(
      `INSERT INTO forks (device, epoch, from_seq, through_seq, fork_seq, link_through, message, received_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    keepHead: db.prepare(
      `INSERT INTO heads (device, epoch, seq, link, device_time_ms, cose, received_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (device, epoch, seq, link) DO UPDATE
       SET device_time_ms = excluded.device_time_ms, cose = excluded.cose, received_ms = excluded.received_ms
       WHERE excluded.device_time_ms > device_time_ms`,
    ),
  }
}

/** The ledger in SQLite, one connection, one writer. */
export class SqliteLedger implements Ledger {
  readonly #store: Store
  readonly #sql: ReturnType<typeof prepare>

  constructor(store: Store) {
    this.#store = store
    this.#sql = prepare(store)
  }

  commit<T>(work: () => T): T {
    return this.#store.db.transaction(work).immediate()
  }

  findEpoch(device: string, epoch: Uint8Array): StoredEpoch | null {
    const row = this.#sql.findEpoch.get(device, epoch)
    return row === undefined ? null : toStoredEpoch(row)
  }

  hasEpoch(device: string, publicKey: Uint8Array): boolean {
    return this.#sql.hasEpoch.get(device, publicKey) !== undefined
  }

  linkAt(epoch: StoredEpoch, seq: number): Uint8Array | null {
    if (seq === 0) return epoch.genesis
    return this.#sql.linkAt.get(epoch.id, seq)?.link ?? null
  }

  extend(epoch: StoredEpoch | NewEpoch, { records, batch, receivedMs }: Extension): StoredEpoch {
    const stored = 'id' in epoch ? epoch : this.#addEpoch(epoch, receivedMs)
    const last = records.at(-1)
    if (last === undefined || records[0]?.seq !== stored.storedThrough + 1) {
      throw new BugError(
        'extension-not-contiguous',
        `expected records from ${stored.storedThrough + 1} on, got ${records[0]?.seq ?? 'none'}`,
      )
    }
    for (const { seq, type, dayEntry, bodyHash, link, body } of records) {
      const row = this.#sql.addRecord.run(stored.id, seq, type, receivedMs, bodyHash, link, body)
      if (dayEntry === null) continue
      const { scene, day, timeMs } = dayEntry
      this.#sql.addDayEntry.run(scene, day, timeMs, row.lastInsertRowid)
    }
    if (batch !== null) this.#sql.addBatch.run(stored.id, batch.from, batch.through, batch.cose, receivedMs)
    this.#sql.moveHead.run(last.seq, last.link, stored.id)
    return { ...stored, storedThrough: last.seq, linkThere: last.link }
  }

  keepFork(fork: Fork): boolean {
    const { device, epoch, from, through, forkSeq, linkThrough, message, receivedMs } = fork
    return this.#sql.keepFork.run(device, epoch, from, through, forkSeq, linkThrough, message, receivedMs).changes === 1
  }

  keepHead(head: KeptHead): void {
    this.#sql.keepHead.run(head.device, head.epoch, head.seq, head.link, head.deviceTimeMs, head.cose, head.receivedMs)
  }

  #addEpoch({ site, device, epoch, publicKey, predecessor, genesis }: NewEpoch, receivedMs: number): StoredEpoch {
    this.#sql.addDevice.run(device, site, receivedMs)
    const row = this.#sql.addEpoch.get(
      device,
      epoch,
      publicKey,
      predecessor?.epoch ?? null,
      predecessor?.seq ?? null,
      predecessor?.link ?? null,
      genesis,
      genesis,
      receivedMs,
    )
    if (row === undefined) throw new BugError('epoch-not-added', 'expected the new epoch back from the store')
    return toStoredEpoch(row)
  }
}
