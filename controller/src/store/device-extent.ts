import { decodeBatch, decodeBody, encodeCbor, toHex } from '@ankang/protocol'
import { RecordReader } from './record-reader.ts'
import { SqliteQuarantine } from './sqlite-quarantine.ts'
import type { SqliteDatabase } from './store.ts'
import { trustedReaches } from './trusted-reach.ts'

/** How much of one device is stored, and how much it has signed to have. */
export interface DeviceExtent {
  readonly device: string
  /** Of its newest readable showing; null where there is none. */
  readonly scene: string | null
  /** The newest stored record of the epoch begun last; null where only heads came. */
  readonly newest: {
    /** Hex. */
    readonly epoch: string
    readonly seq: number
    /** The record's own time; null where it cannot be read. */
    readonly timeMs: number | null
  } | null
  /** Records of all epochs that the device has signed to have, and is trusted for, and that are not stored. */
  readonly missing: number
  /** Messages that contradict the stored chain. What they hold counts nowhere. */
  readonly forks: number
  /** Records past what its device was trusted for when it was revoked: stored before, or kept apart since. */
  readonly quarantined: number
}

interface EpochRow {
  readonly id: number
  readonly epoch: Buffer
  readonly stored_through: number
}

/** A batch says too how far its chain goes, under the same signature. Only that signed part is stored, so its frame is put around it again. */
function newestSeqOf(cose: Uint8Array): number {
  const batch = decodeBatch(encodeCbor([cose, 0, new Uint8Array(0)]))
  return batch.ok ? batch.value.payload.newestSeq : 0
}

function prepare(db: SqliteDatabase) {
  return {
    devices: db.prepare<[], { device: string }>(
      'SELECT device FROM devices UNION SELECT device FROM heads UNION SELECT device FROM quarantine ORDER BY device',
    ),
    epochs: db.prepare<[string], EpochRow>('SELECT id, epoch, stored_through FROM epochs WHERE device = ? ORDER BY id'),
    heads: db.prepare<[string], { epoch: Buffer; seq: number }>(
      'SELECT epoch, max(seq) AS seq FROM heads WHERE device = ? GROUP BY epoch',
    ),
    lastBatch: db.prepare<[number], { cose: Buffer }>(
      'SELECT cose FROM batches WHERE epoch_id = ? ORDER BY through_seq DESC LIMIT 1',
    ),
    body: db.prepare<[number, number], { body: Buffer | null }>(
      'SELECT body FROM records WHERE epoch_id = ? AND seq = ?',
    ),
    forks: db.prepare<[string], { count: number }>('SELECT count(*) AS count FROM forks WHERE device = ?'),
  }
}

type Queries = ReturnType<typeof prepare>
type ReachOf = ReturnType<typeof trustedReaches>

function missingOf(sql: Queries, device: string, epochs: readonly EpochRow[], reachOf: ReachOf): number {
  const signed = new Map(sql.heads.all(device).map(({ epoch, seq }) => [toHex(epoch), seq]))
  const stored = new Map<string, number>()
  for (const { id, epoch, stored_through } of epochs) {
    const name = toHex(epoch)
    const batch = sql.lastBatch.get(id)
    stored.set(name, stored_through)
    signed.set(name, Math.max(signed.get(name) ?? 0, batch === undefined ? 0 : newestSeqOf(batch.cose)))
  }
  // of a revoked one what lies further is never stored, and nobody waits for it
  const wanted = (epoch: string, seq: number): number => Math.min(seq, reachOf(device, epoch) ?? seq)
  return [...signed].reduce((sum, [epoch, seq]) => sum + Math.max(0, wanted(epoch, seq) - (stored.get(epoch) ?? 0)), 0)
}

/** The last moment that has a date. Source: ECMA-262 §21.4.1.1. */
const LATEST_DATE_MS = 8.64e15 - 86_400_000

function newestOf(sql: Queries, last: EpochRow | undefined): DeviceExtent['newest'] {
  if (last === undefined) return null
  const body = sql.body.get(last.id, last.stored_through)?.body ?? null
  const decoded = body === null ? null : decodeBody(body)
  const timeMs = decoded?.ok === true && decoded.value.timeMs <= LATEST_DATE_MS ? decoded.value.timeMs : null
  return { epoch: toHex(last.epoch), seq: last.stored_through, timeMs }
}

/** Every device of which anything signed is stored. */
export function deviceExtents(db: SqliteDatabase): readonly DeviceExtent[] {
  const sql = prepare(db)
  const reader = new RecordReader({ db })
  const quarantine = new SqliteQuarantine({ db })
  const reachOf = trustedReaches(db)
  return sql.devices.all().map(({ device }) => {
    const epochs = sql.epochs.all(device)
    return {
      device,
      scene: reader.lastShowing(device)?.body.scene ?? null,
      newest: newestOf(sql, epochs.at(-1)),
      missing: missingOf(sql, device, epochs, reachOf),
      forks: sql.forks.get(device)?.count ?? 0,
      quarantined: quarantine.quarantinedRecords(device),
    }
  })
}
