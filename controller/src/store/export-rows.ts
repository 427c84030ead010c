import { batchLine, type ExportLine, epochLine, headLine, recordLine } from '@ankang/protocol'
import type { SqliteDatabase } from './store.ts'

interface EpochRow {
  readonly id: number
  readonly device: string
  readonly epoch: Buffer
  readonly public_key: Buffer
  readonly predecessor_epoch: Buffer | null
  readonly predecessor_seq: number | null
  readonly predecessor_link: Buffer | null
}

interface HeadRow {
  readonly device: string
  readonly epoch: Buffer
  readonly seq: number
  readonly cose: Buffer
}

const BY_DEVICE = '(:device IS NULL OR device = :device)'

/** Whether anything of a device is stored. */
export function hasDevice(db: SqliteDatabase, device: string): boolean {
  return (
    db
      .prepare('SELECT 1 FROM epochs WHERE device = :device UNION SELECT 1 FROM heads WHERE device = :device')
      .get({ device }) !== undefined
  )
}

function predecessorOf({ predecessor_epoch: epoch, predecessor_seq: seq, predecessor_link: link }: EpochRow) {
  return epoch === null || seq === null || link === null ? null : { epoch, seq, link }
}

/**
 * The store as export lines: of each epoch its line, its records, its batches, its heads; then heads of epochs of which
 * nothing arrived, since they tell of a loss. One row at a time. Run it inside one read transaction, for one state.
 */
export function* exportLines(db: SqliteDatabase, device: string | null): Generator<ExportLine> {
  const records = db.prepare<[number], { seq: number; body_hash: Buffer; link: Buffer; body: Buffer | null }>(
    'SELECT seq, body_hash, link, body FROM records WHERE epoch_id = ? ORDER BY seq',
  )
  const batches = db.prepare<[number], { from_seq: number; through_seq: number; cose: Buffer }>(
    'SELECT from_seq, through_seq, cose FROM batches WHERE epoch_id = ? ORDER BY through_seq',
  )
  const heads = db.prepare<[string, Buffer], HeadRow>(
    'SELECT device, epoch, seq, cose FROM heads WHERE device = ? AND epoch = ? ORDER BY seq, id',
  )
  const epochs = db
    .prepare<[{ device: string | null }], EpochRow>(`SELECT * FROM epochs WHERE ${BY_DEVICE} ORDER BY device, id`)
    .all({ device })
  for (const row of epochs) {
    const epoch = row.epoch
    yield epochLine({ device: row.device, publicKey: row.public_key, epoch, predecessor: predecessorOf(row) })
    for (const { seq, body_hash, link, body } of records.iterate(row.id))
      yield recordLine(row.device, { epoch, seq, link }, body_hash, body)
    for (const { from_seq, through_seq, cose } of batches.iterate(row.id))
      yield batchLine(row.device, epoch, from_seq, through_seq, cose)
    for (const head of heads.iterate(row.device, epoch)) yield headLine(head.device, epoch, head.seq, head.cose)
  }
  const orphans = db.prepare<[{ device: string | null }], HeadRow>(
    `SELECT device, epoch, seq, cose FROM heads WHERE ${BY_DEVICE}
     AND NOT EXISTS (SELECT 1 FROM epochs WHERE epochs.device = heads.device AND epochs.epoch = heads.epoch)
     ORDER BY device, epoch, seq, id`,
  )
  for (const head of orphans.iterate({ device })) yield headLine(head.device, head.epoch, head.seq, head.cose)
}
