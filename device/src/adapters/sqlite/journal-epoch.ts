import { BugError, type Epoch, equalBytes, UsageError } from '@ankang/protocol'
import type Database from 'better-sqlite3'

/** Whose journal it is to be. */
export interface JournalOwner {
  readonly file: string
  readonly device: string
  /** Raw Ed25519 key of the device, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly random: (lengthBytes: number) => Uint8Array
}

interface EpochRow {
  readonly device: string
  readonly public_key: Buffer
  readonly epoch: Buffer
  readonly predecessor_epoch: Buffer | null
  readonly predecessor_seq: number | null
  readonly predecessor_link: Buffer | null
}

/** The epoch this journal holds, begun where it is new. Throws `journal-of-another-device`. */
export function loadEpoch(db: Database.Database, { file, device, publicKey, random }: JournalOwner): Epoch {
  const row = db.prepare('SELECT * FROM epoch').get() as EpochRow | undefined
  if (row === undefined) {
    const epoch = random(8)
    db.prepare('INSERT INTO epoch (device, public_key, epoch) VALUES (?, ?, ?)').run(device, publicKey, epoch)
    if (Number(db.pragma('synchronous', { simple: true })) !== 2)
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
