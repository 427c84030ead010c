import { BugError } from '@ankang/protocol'
import type { IssuedClientCertificate } from '../identity/certificate-authority.ts'
import type {
  DeviceKeyPeriod,
  EnrolledDevice,
  IssuedCertificate,
  KeyObjection,
  KeyWord,
  LineVerdict,
  NewEnrolment,
  Registry,
} from '../identity/registry.ts'
import { EnrolledReader, type ReadDevice } from './enrolled-reader.ts'
import type { SqliteDatabase, Store } from './store.ts'

interface KeyRow {
  readonly device: string
  readonly public_key: Buffer
  readonly from_ms: number
  readonly until_ms: number | null
  readonly end_reason: DeviceKeyPeriod['endReason']
  /** The newest head received when its device was revoked: 0 where there was none, null where it was not revoked. */
  readonly bound_head_id: number | null
}

interface CertificateRow {
  readonly fingerprint: Buffer
  readonly device: string
  readonly serial: string
  readonly issued_ms: number
  readonly not_after_ms: number
  readonly revoked_ms: number | null
  readonly pem: string
}

function prepare(db: SqliteDatabase) {
  return {
    revokedMs: db.prepare<[string], { revoked_ms: number | null }>('SELECT revoked_ms FROM enrolled WHERE device = ?'),
    keysOf: db.prepare<[string], KeyRow>(
      'SELECT * FROM device_keys WHERE device = ? ORDER BY until_ms IS NOT NULL, from_ms DESC, public_key',
    ),
    key: db.prepare<[string, Uint8Array], KeyRow>('SELECT * FROM device_keys WHERE device = ? AND public_key = ?'),
    holdersOf: db.prepare<[Uint8Array], KeyRow>('SELECT * FROM device_keys WHERE public_key = ?'),
    // of two heads at one place the first to come: what came after it contradicts it
    trustedHead: db.prepare<[string, Uint8Array, number], { seq: number; link: Buffer }>(
      'SELECT seq, link FROM heads WHERE device = ? AND epoch = ? AND id <= ? ORDER BY seq DESC, id LIMIT 1',
    ),
    lastHeadId: db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM heads'),
    // the epoch is that of the head that came last; within it heads may have come out of order
    newestHead: db.prepare<[{ device: string }], { epoch: Buffer; seq: number }>(
      `SELECT epoch, max(seq) AS seq FROM heads WHERE device = :device
       AND epoch = (SELECT epoch FROM heads WHERE device = :device ORDER BY id DESC LIMIT 1) GROUP BY epoch`,
    ),
    certificate: db.prepare<[Uint8Array], CertificateRow>('SELECT * FROM certificates WHERE fingerprint = ?'),
    certificatesOf: db.prepare<[string], CertificateRow>(
      'SELECT * FROM certificates WHERE device = ? ORDER BY issued_ms DESC, serial',
    ),
    enrol: db.prepare<[string, string, Uint8Array, number]>(
      `INSERT INTO enrolled (device, site, public_key, enrolled_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (device) DO UPDATE
       SET site = excluded.site, public_key = excluded.public_key, enrolled_ms = excluded.enrolled_ms,
           revoked_ms = NULL, revoked_reason = NULL, trusted_epoch = NULL, trusted_seq = NULL`,
    ),
    addKey: db.prepare<[string, Uint8Array, number]>(
      'INSERT INTO device_keys (device, public_key, from_ms) VALUES (?, ?, ?)',
    ),
    endKey: db.prepare<[number, string, string]>(
      'UPDATE device_keys SET until_ms = ?, end_reason = ? WHERE device = ? AND until_ms IS NULL',
    ),
    boundKeys: db.prepare<[number, string]>(
      'UPDATE device_keys SET bound_head_id = ? WHERE device = ? AND bound_head_id IS NULL',
    ),
    addCertificate: db.prepare<[Uint8Array, string, string, number, number, string]>(
      'INSERT INTO certificates (fingerprint, device, serial, issued_ms, not_after_ms, pem) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    withdrawCertificates: db.prepare<[number, string]>(
      'UPDATE certificates SET revoked_ms = ? WHERE device = ? AND revoked_ms IS NULL',
    ),
    revoke: db.prepare<[number, string, Buffer | null, number | null, string]>(
      'UPDATE enrolled SET revoked_ms = ?, revoked_reason = ?, trusted_epoch = ?, trusted_seq = ? WHERE device = ?',
    ),
  }
}

/** Whether it stands as it did for whoever looks at it: a further certificate changes nothing. */
function isSame(before: ReadDevice, now: ReadDevice): boolean {
  const [{ device: one }, { device: other }] = [before, now]
  return (
    one.site === other.site &&
    one.key === other.key &&
    one.enrolledMs === other.enrolledMs &&
    one.revoked?.timeMs === other.revoked?.timeMs
  )
}

/** The registry in SQLite: read from memory, changed on disk. Other processes may change it too. */
export class SqliteRegistry implements Registry {
  readonly #db: Store['db']
  readonly #nowMs: () => number
  readonly #sql: ReturnType<typeof prepare>
  readonly #listeners = new Set<(device: string) => void>()
  readonly #known = new Map<string, ReadDevice>()
  readonly #touched = new Set<string>()
  readonly #toCut = new Set<string>()
  readonly #watchers = new Set<(device: EnrolledDevice) => void>()
  readonly #changed = new Set<string>()
  readonly #reader: EnrolledReader
  #all: readonly EnrolledDevice[] | null = null
  #dataVersion = -1

  constructor({ db }: Pick<Store, 'db'>, nowMs: () => number) {
    this.#db = db
    this.#nowMs = nowMs
    this.#sql = prepare(db)
    this.#reader = new EnrolledReader(db)
    this.#catchUp()
    this.#changed.clear()
  }

  commit<T>(work: () => T): T {
    try {
      const result = this.#db
        .transaction(() => {
          // what is decided in here is decided on what is there, whoever wrote it
          this.#catchUp()
          return work()
        })
        .immediate()
      this.#reread(this.#touched)
      return result
    } finally {
      this.#touched.clear()
      this.#tell()
    }
  }

  find(device: string): EnrolledDevice | null {
    return this.#known.get(device)?.device ?? null
  }

  all(): readonly EnrolledDevice[] {
    this.#all ??= [...this.#known.values()]
      .map(({ device }) => device)
      .sort((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : 0))
    return this.#all
  }

  certificatesOf(device: string): readonly IssuedCertificate[] {
    return this.#sql.certificatesOf.all(device).map(row => ({
      fingerprint: row.fingerprint,
      device,
      serial: row.serial,
      issuedMs: row.issued_ms,
      notAfterMs: row.not_after_ms,
      revokedMs: row.revoked_ms,
      pem: row.pem,
    }))
  }

  keysOf(device: string): readonly DeviceKeyPeriod[] {
    return this.#sql.keysOf.all(device).map(row => ({
      publicKey: row.public_key,
      fromMs: row.from_ms,
      untilMs: row.until_ms,
      endReason: row.end_reason,
    }))
  }

  wordOf(device: string, publicKey: Uint8Array, epoch: Uint8Array): KeyWord {
    const key = this.#sql.key.get(device, publicKey)
    if (key === undefined) return { kind: 'none' }
    if (key.bound_head_id === null) return { kind: key.until_ms === null ? 'current' : 'replaced' }
    return { kind: 'bounded', trusted: this.#sql.trustedHead.get(device, epoch, key.bound_head_id) ?? null }
  }

  objectionTo(device: string, publicKey: Uint8Array): KeyObjection | null {
    const holders = this.#sql.holdersOf.all(publicKey)
    const own = holders.find(holder => holder.device === device)
    if (own === undefined) return holders.length === 0 ? null : 'wrong-key'
    if (own.bound_head_id !== null) return 'device-revoked'
    return own.until_ms === null ? null : 'wrong-key'
  }

  enrol({ site, device, publicKey, certificate }: NewEnrolment): void {
    this.#change(device)
    if (this.objectionTo(device, publicKey) !== null)
      throw new BugError('key-not-enrollable', `${device}: expected a key without objection to it`)
    const now = this.#nowMs()
    this.#sql.withdrawCertificates.run(now, device)
    if (this.#sql.key.get(device, publicKey) === undefined) {
      this.#sql.endKey.run(now, 'replaced', device)
      this.#sql.addKey.run(device, publicKey, now)
    }
    this.#sql.enrol.run(device, site, publicKey, now)
    this.#addCertificate(device, certificate)
  }

  certify(device: string, certificate: IssuedClientCertificate): void {
    this.#change(device)
    this.#addCertificate(device, certificate)
  }

  revoke(device: string, reason: string): boolean {
    this.#change(device)
    const row = this.#sql.revokedMs.get(device)
    if (row === undefined || row.revoked_ms !== null) return false
    const now = this.#nowMs()
    const newest = this.#sql.newestHead.get({ device })
    this.#sql.revoke.run(now, reason, newest?.epoch ?? null, newest?.seq ?? null, device)
    this.#sql.endKey.run(now, 'revoked', device)
    // earlier keys may lie in the same stolen box
    this.#sql.boundKeys.run(this.#sql.lastHeadId.get()?.id ?? 0, device)
    this.#sql.withdrawCertificates.run(now, device)
    return true
  }

  admit(fingerprint: Uint8Array): LineVerdict {
    const certificate = this.#sql.certificate.get(fingerprint)
    if (certificate === undefined) return { ok: false, reason: 'certificate-unknown' }
    // read anew: what another process did since the last poll counts here already
    this.#reread([certificate.device])
    this.#tell()
    const device = this.find(certificate.device)
    if (device === null) return { ok: false, reason: 'certificate-unknown' }
    if (device.revoked !== null) return { ok: false, reason: 'device-revoked' }
    if (certificate.revoked_ms !== null) return { ok: false, reason: 'certificate-revoked' }
    if (this.#nowMs() >= certificate.not_after_ms) return { ok: false, reason: 'certificate-expired' }
    return { ok: true, device }
  }

  onCut(listener: (device: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Told when a device was enrolled, again or for the first time, or revoked, here or by another process. Returns the way out. */
  onChange(watcher: (device: EnrolledDevice) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  pollOutside(): void {
    this.#catchUp()
    this.#tell()
  }

  /** Reads everything anew when others have written. SQLite counts their commits, and not our own. */
  #catchUp(): void {
    const version = Number(this.#db.pragma('data_version', { simple: true }))
    if (version === this.#dataVersion) return
    this.#dataVersion = version
    this.#reread(this.#reader.names())
  }

  #change(device: string): void {
    if (!this.#db.inTransaction)
      throw new BugError('change-outside-commit', 'expected the registry to be changed inside its commit')
    this.#touched.add(device)
  }

  #addCertificate(
    device: string,
    { fingerprint, serial, issuedMs, notAfterMs, certificatePem }: IssuedClientCertificate,
  ) {
    this.#sql.addCertificate.run(fingerprint, device, serial, issuedMs, notAfterMs, certificatePem)
  }

  /** Reads devices anew, and notes of which of them certificates were withdrawn since. */
  #reread(devices: Iterable<string>): void {
    for (const name of devices) {
      const before = this.#known.get(name)
      const now = this.#reader.read(name)
      if (now === null) continue
      this.#known.set(name, now)
      if (before !== undefined && now.withdrawn > before.withdrawn) this.#toCut.add(name)
      if (before === undefined || !isSame(before, now)) this.#changed.add(name)
    }
    this.#all = null
  }

  /** Outside of any transaction: a listener may ask the registry again. Lines first. */
  #tell(): void {
    const [cut, changed] = [[...this.#toCut], [...this.#changed]]
    this.#toCut.clear()
    this.#changed.clear()
    for (const device of cut) for (const listener of this.#listeners) listener(device)
    for (const name of changed) {
      const device = this.find(name)
      if (device !== null) for (const watcher of this.#watchers) watcher(device)
    }
  }
}
