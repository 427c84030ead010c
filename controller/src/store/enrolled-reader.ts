import { BugError, importEd25519, toHex } from '@ankang/protocol'
import type { EnrolledDevice, KnownKey } from '../identity/registry.ts'
import type { SqliteDatabase } from './store.ts'

interface EnrolledRow {
  readonly device: string
  readonly site: string
  readonly public_key: Buffer
  readonly enrolled_ms: number
  readonly revoked_ms: number | null
  readonly revoked_reason: string | null
  readonly trusted_epoch: Buffer | null
  readonly trusted_seq: number | null
}

/** A device as read, and how many of its certificates were withdrawn by then. */
export interface ReadDevice {
  readonly device: EnrolledDevice
  readonly withdrawn: number
}

function trustedOf({ trusted_epoch: epoch, trusted_seq: seq }: EnrolledRow) {
  return epoch === null || seq === null ? null : { epoch, seq }
}

/** Reads enrolled devices; a key is parsed once. */
export class EnrolledReader {
  readonly #names
  readonly #enrolled
  readonly #keysOf
  readonly #withdrawn
  /** By hex. */
  readonly #parsed = new Map<string, KnownKey>()

  constructor(db: SqliteDatabase) {
    this.#names = db.prepare<[], { device: string }>('SELECT device FROM enrolled')
    this.#enrolled = db.prepare<[string], EnrolledRow>('SELECT * FROM enrolled WHERE device = ?')
    this.#keysOf = db.prepare<[string], { public_key: Buffer }>(
      'SELECT public_key FROM device_keys WHERE device = ? AND until_ms IS NOT NULL ORDER BY until_ms DESC',
    )
    this.#withdrawn = db.prepare<[string], { count: number }>(
      'SELECT count(revoked_ms) AS count FROM certificates WHERE device = ?',
    )
  }

  names(): readonly string[] {
    return this.#names.all().map(({ device }) => device)
  }

  read(device: string): ReadDevice | null {
    const row = this.#enrolled.get(device)
    if (row === undefined) return null
    const present = toHex(row.public_key)
    const formerKeys = this.#keysOf
      .all(device)
      .filter(key => toHex(key.public_key) !== present)
      .map(key => this.#keyOf(key.public_key))
    const { revoked_ms: timeMs } = row
    return {
      device: {
        ...this.#keyOf(row.public_key),
        site: row.site,
        device,
        formerKeys,
        enrolledMs: row.enrolled_ms,
        revoked: timeMs === null ? null : { timeMs, reason: row.revoked_reason ?? '', trusted: trustedOf(row) },
      },
      withdrawn: this.#withdrawn.get(device)?.count ?? 0,
    }
  }

  #keyOf(publicKey: Uint8Array): KnownKey {
    const name = toHex(publicKey)
    const parsed = this.#parsed.get(name)
    if (parsed !== undefined) return parsed
    const key = importEd25519(publicKey)
    if (key === null) throw new BugError('enrolled-key-invalid', `expected an Ed25519 key in the registry, got ${name}`)
    const known = { publicKey, key }
    this.#parsed.set(name, known)
    return known
  }
}
