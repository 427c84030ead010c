import { decodeBody, type RecordBody, toHex } from '@ankang/protocol'
import type { Store } from './store.ts'

/** A stored showing, decoded, with its place. */
export interface StoredShowing {
  readonly site: string
  readonly device: string
  /** Hex. */
  readonly epoch: string
  readonly seq: number
  readonly receivedMs: number
  readonly body: RecordBody
}

export interface NewestEpoch {
  /** Hex. */
  readonly epoch: string
  readonly storedThrough: number
  readonly lastReceivedMs: number
}

export interface KeptFork {
  readonly device: string
  readonly forkSeq: number
  readonly receivedMs: number
}

/** Of a revoked device's message, what goes past what it is trusted for. */
export interface KeptApart {
  readonly from: number
  readonly through: number
  readonly receivedMs: number
}

interface ShowingRow {
  readonly site: string
  readonly device: string
  readonly epoch: Buffer
  readonly seq: number
  readonly received_ms: number
  readonly body: Buffer
}

const SHOWING = `
  SELECT site, device, epoch, seq, records.received_ms, body
  FROM records JOIN epochs ON epochs.id = epoch_id JOIN devices USING (device)`

function toShowing(row: ShowingRow): StoredShowing[] {
  const body = decodeBody(row.body)
  if (!body.ok) return []
  const { site, device, seq } = row
  return [{ site, device, epoch: toHex(row.epoch), seq, receivedMs: row.received_ms, body: body.value }]
}

/** What the dashboard reads of the store. */
export class RecordReader {
  readonly #newest
  readonly #epochIds
  readonly #last
  readonly #epoch
  readonly #fork
  readonly #apart
  readonly #receivedMs
  readonly #showing

  constructor({ db }: Pick<Store, 'db'>) {
    this.#newest = db.prepare<[number], ShowingRow>(
      `${SHOWING} WHERE type = 1 AND body IS NOT NULL ORDER BY records.id DESC LIMIT ?`,
    )
    this.#epoch = db.prepare<[string], { id: number; epoch: Buffer; stored_through: number; last_ms: number }>(
      `SELECT id, epoch, stored_through,
         (SELECT received_ms FROM records WHERE epoch_id = epochs.id AND seq = stored_through) AS last_ms
       FROM epochs WHERE device = ? ORDER BY id DESC LIMIT 1`,
    )
    this.#epochIds = db.prepare<[string], { id: number }>('SELECT id FROM epochs WHERE device = ? ORDER BY id DESC')
    this.#last = db.prepare<[number], ShowingRow>(
      `${SHOWING} WHERE epoch_id = ? AND type = 1 AND body IS NOT NULL ORDER BY seq DESC LIMIT 1`,
    )
    this.#fork = db.prepare<[string], { device: string; fork_seq: number; received_ms: number }>(
      'SELECT device, fork_seq, received_ms FROM forks WHERE device = ? ORDER BY id DESC LIMIT 1',
    )
    this.#apart = db.prepare<[string], KeptApart>(
      `SELECT max(from_seq, trusted_seq + 1) AS "from", through_seq AS through, received_ms AS receivedMs
       FROM quarantine WHERE device = ? ORDER BY id DESC LIMIT 1`,
    )
    this.#showing = db.prepare<[number], ShowingRow>(
      `${SHOWING} WHERE records.id = ? AND type = 1 AND body IS NOT NULL`,
    )
    this.#receivedMs = db.prepare<[], { received_ms: number }>(
      'SELECT received_ms FROM records ORDER BY id DESC LIMIT 1',
    )
  }

  /** When the newest record was received; null where there is none. */
  newestReceivedMs(): number | null {
    return this.#receivedMs.get()?.received_ms ?? null
  }

  /** Newest first, over all devices. */
  newestShowings(limit: number): readonly StoredShowing[] {
    return this.#newest.all(limit).flatMap(toShowing)
  }

  /** By the store's own number of its record; null where it is no showing that can be read. */
  showingAt(recordId: number): StoredShowing | null {
    const row = this.#showing.get(recordId)
    return row === undefined ? null : (toShowing(row)[0] ?? null)
  }

  lastShowing(device: string): StoredShowing | null {
    for (const { id } of this.#epochIds.all(device)) {
      const row = this.#last.get(id)
      if (row !== undefined) return toShowing(row)[0] ?? null
    }
    return null
  }

  newestEpoch(device: string): NewestEpoch | null {
    const row = this.#epoch.get(device)
    return row === undefined
      ? null
      : { epoch: toHex(row.epoch), storedThrough: row.stored_through, lastReceivedMs: row.last_ms }
  }

  lastFork(device: string): KeptFork | null {
    const row = this.#fork.get(device)
    return row === undefined ? null : { device: row.device, forkSeq: row.fork_seq, receivedMs: row.received_ms }
  }

  lastQuarantine(device: string): KeptApart | null {
    return this.#apart.get(device) ?? null
  }
}
