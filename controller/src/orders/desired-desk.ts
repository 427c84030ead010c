import {
  type DesiredSettings,
  describeError,
  desiredFormat,
  desiredSettings,
  deviceTopic,
  equalBytes,
  type PrivateKey,
} from '@ankang/protocol'
import * as v from 'valibot'
import type { Audit } from '../audit/audit.ts'
import type { Postman } from '../broker/postman.ts'
import type { BirthListener } from '../fleet/device-channels.ts'
import type { DeviceStanding } from '../fleet/device-standing.ts'
import type { DeviceDirectory, KnownDevice } from '../ingest/device-directory.ts'
import type { Log } from '../log.ts'
import type { DesiredBook, DesiredState } from './order-book.ts'
import { type SigningKey, signingKey } from './signing-key.ts'

export interface DesiredDeskParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly standing: Pick<DeviceStanding, 'isRevoked'>
  readonly book: DesiredBook
  /** On the book's own connection, so that a change and its trace are on disk together. */
  readonly audit: Audit
  readonly key: PrivateKey
  readonly log: Log
  readonly nowMs: () => number
}

export interface DesiredWish {
  readonly device: string
  /** As `desiredSettings` reads it. */
  readonly config: Readonly<Record<string, unknown>>
  readonly purpose: string
  readonly actor: string
}

export type DesiredSet =
  | { readonly ok: true; readonly version: number }
  | {
      readonly ok: false
      readonly error: 'device-unknown' | 'device-revoked' | 'config-invalid'
      readonly detail: string
    }

function settingsOf(config: DesiredSettings): DesiredState['config'] {
  const given = Object.entries(config).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  return Object.fromEntries(given)
}

/** Says what each device is to be like, and says it again: no broker is relied on to keep it. */
export class DesiredDesk implements BirthListener {
  readonly #parts: DesiredDeskParts
  readonly #key: SigningKey

  constructor(parts: DesiredDeskParts) {
    this.#parts = parts
    this.#key = signingKey(parts.key)
  }

  /** Publishes what is desired of every device; the postman must be able to carry it. */
  start(): void {
    for (const desired of this.#parts.book.all()) {
      const known = this.#parts.directory.find(desired.device)
      if (known !== null) this.#post(known, desired)
    }
  }

  /** Replaces all that was desired before; what `config` leaves out is left to the device's own file. */
  set(wish: DesiredWish): DesiredSet {
    const { directory, standing, book, audit, nowMs } = this.#parts
    const { device, purpose, actor } = wish
    const refused = (error: (DesiredSet & { ok: false })['error'], text: string): DesiredSet => {
      audit.append({ actor, action: 'device.configure', subject: device, purpose, ok: false, detail: { error } })
      return { ok: false, error, detail: text }
    }
    const known = directory.find(device)
    if (known === null) return refused('device-unknown', '没有这台设备 no such device')
    if (standing.isRevoked(device)) return refused('device-revoked', '该设备已吊销 this device is revoked')
    const config = v.safeParse(desiredSettings, wish.config)
    if (!config.success) return refused('config-invalid', config.issues.map(({ message }) => message).join('; '))
    const desired = book.commit(() => {
      const version = this.versionOf(device) + 1
      const settings = settingsOf(config.output)
      const next = this.#sign({ device, version, config: settings, setMs: nowMs(), setBy: actor })
      const detail = { version, ...settings }
      audit.append({ actor, action: 'device.configure', subject: device, purpose, ok: true, detail })
      book.keep(next)
      return next
    })
    this.#post(known, desired)
    return { ok: true, version: desired.version }
  }

  onBirth(known: KnownDevice): void {
    const { book, log } = this.#parts
    try {
      const desired = book.find(known.device)
      if (desired !== null) this.#post(known, desired)
    } catch (error) {
      const { device } = known
      log.error({ event: 'store-fault', device, detail: describeError(error) }, 'a desired state could not be read')
    }
  }

  /** Null where none was ever set. */
  of(device: string): Omit<DesiredState, 'cose' | 'device'> | null {
    const desired = this.#parts.book.find(device)
    if (desired === null) return null
    const { version, config, setMs, setBy } = desired
    return { version, config, setMs, setBy }
  }

  /** 0 where none was ever set. */
  versionOf(device: string): number {
    return this.#parts.book.find(device)?.version ?? 0
  }

  #sign(state: Omit<DesiredState, 'cose'>): DesiredState {
    const { device, version, config } = state
    const issuedAt = Math.floor(this.#parts.nowMs() / 1000)
    const cose = desiredFormat.encode({ device, version, issuedAt, config }, this.#key.key, this.#key.kid)
    return { ...state, cose }
  }

  /** Under the key of today: devices no longer know one that was replaced. */
  #current(desired: DesiredState): DesiredState {
    const signed = desiredFormat.decode(desired.cose)
    const kid = signed.ok ? signed.value.message.kid : null
    if (kid !== null && equalBytes(kid, this.#key.kid)) return desired
    const renewed = this.#sign(desired)
    this.#parts.book.commit(() => this.#parts.book.keep(renewed))
    return renewed
  }

  /** Not waited for: it is said again at the next birth. */
  #post(known: KnownDevice, desired: DesiredState): void {
    const { postman, standing, log } = this.#parts
    const { device } = known
    if (standing.isRevoked(device)) return
    const { cose } = this.#current(desired)
    postman.publish(deviceTopic(known, 'desired'), cose, { qos: 1, retain: true }).catch(error => {
      log.warn({ device, detail: describeError(error) }, 'a desired state could not be sent')
    })
  }
}
