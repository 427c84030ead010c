import { isDeepStrictEqual } from 'node:util'
import {
  type Desired,
  type DesiredSettings,
  desiredFormat,
  desiredSettings,
  EnvironmentError,
  equalBytes,
  parseWith,
  type ReportedPayload,
  type Trust,
  UsageError,
} from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import { authenticate } from './authenticate.ts'
import type { Kept } from './kept.ts'
import type { OrderRecords } from './order-records.ts'
import type { Unheeded } from './unheeded.ts'

export interface DesiredStateOptions {
  readonly device: string
  readonly trust: Trust
  readonly clock: Clock
  readonly kept: Kept
  readonly records: OrderRecords
  readonly unheeded: Unheeded
  readonly events: DesiredEvents
}

export interface DesiredEvents {
  /** In force from now on; keys that are absent fall back to what the box's own file says. */
  onApply(settings: DesiredSettings): void
  onReport(reported: ReportedPayload): void
  onAlarm(kind: 'order' | 'storage', detail: string): void
  /** A bug met on the way. */
  onBroken(error: unknown): void
}

const MAX_ERROR_CHARS = 400
const NOTHING_APPLIED: ReportedPayload = { version: 0, appliedMs: null, config: {} }

/** What the centre wants this box to be like: the newest version that was signed for it, kept across restarts and verified again at each. */
export class DesiredState {
  readonly #options: DesiredStateOptions
  #reported: ReportedPayload = NOTHING_APPLIED
  /** Of the message that is kept, Unix seconds. */
  #issuedAt = 0
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: DesiredStateOptions) {
    this.#options = options
  }

  /** Call once the keep is loaded. What is kept and no longer vouched for is dropped. */
  async restore(): Promise<void> {
    const { desired } = this.#options.kept.state
    if (desired === null) return
    const authentic = authenticate(desiredFormat, 'desired', desired, this.#options)
    if (!authentic.ok) return this.#drop(authentic.reason)
    const settings = readSettings(authentic.content)
    if (typeof settings === 'string') return this.#drop(settings)
    this.#putInForce(authentic.content, settings)
  }

  /** A message on the desired topic, whoever sent it. */
  receive(message: Uint8Array): void {
    this.#tail = this.#tail.then(() => this.#handle(message)).catch(error => this.#options.events.onBroken(error))
  }

  /** Says again what is in force, as on a new connection. */
  report(): void {
    this.#options.events.onReport(this.#reported)
  }

  /** Resolves when every message that was there at the call has been dealt with. */
  async settled(): Promise<void> {
    await this.#tail
  }

  async #handle(message: Uint8Array): Promise<void> {
    const { unheeded, kept } = this.#options
    const inForce = kept.state.desired
    if (inForce !== null && equalBytes(inForce, message)) return // retained: it comes again with each connection
    const authentic = authenticate(desiredFormat, 'desired', message, this.#options)
    if (!authentic.ok) return unheeded.note('desired', authentic.reason)
    const desired = authentic.content
    if (this.#isInForce(desired)) return this.#keepNewer(desired, message)
    if (desired.version <= this.#reported.version) {
      unheeded.note('desired', 'version-rollback')
      return this.#refuse(desired.version, `version-rollback: version ${this.#reported.version} is in force`)
    }
    const settings = readSettings(desired)
    if (typeof settings === 'string') return this.#refuse(desired.version, settings)
    await this.#adopt(desired, settings, message)
  }

  /** The centre signs anew what is in force when its key changes; whoever repeats the older one wears out no disk with it. */
  async #keepNewer({ issuedAt }: Desired, message: Uint8Array): Promise<void> {
    if (issuedAt > this.#issuedAt && (await this.#keep(message))) this.#issuedAt = issuedAt
  }

  #isInForce({ version, config }: Desired): boolean {
    return version === this.#reported.version && isDeepStrictEqual({ ...config }, { ...this.#reported.config })
  }

  /** Kept first: a box that restarts right after is no other than it said. */
  async #adopt(desired: Desired, settings: DesiredSettings, message: Uint8Array): Promise<void> {
    const { records } = this.#options
    if (!(await this.#keep(message))) return this.#refuse(desired.version, 'not-kept: the box cannot write its keep')
    this.#putInForce(desired, settings)
    await records.desiredApplied(desired.version)
    this.report()
  }

  async #drop(why: string): Promise<void> {
    this.#options.events.onAlarm('order', `the kept desired state is dropped: ${why}`)
    await this.#keep(null)
  }

  #putInForce({ version, config, issuedAt }: Desired, settings: DesiredSettings): void {
    const { clock, events } = this.#options
    this.#issuedAt = issuedAt
    this.#reported = { version, appliedMs: clock.nowMs(), config: { ...config } }
    events.onApply(settings)
  }

  /** The old one stays. Said once: whoever repeats it makes no noise with it. */
  #refuse(version: number, detail: string): void {
    const error = { version, detail: detail.slice(0, MAX_ERROR_CHARS) }
    const said = this.#reported.error
    if (said?.version === error.version && said.detail === error.detail) return
    this.#reported = { ...this.#reported, error }
    this.report()
  }

  async #keep(desired: Uint8Array | null): Promise<boolean> {
    try {
      await this.#options.kept.change({ desired })
      return true
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#options.events.onAlarm('storage', `the desired state could not be kept: ${error.message}`)
      return false
    }
  }
}

/** The settings, or what is wrong with them. */
function readSettings({ config }: Desired): DesiredSettings | string {
  try {
    return parseWith(desiredSettings, config, { code: 'config-invalid', source: 'config' })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return `${error.code}: ${error.message}`
  }
}
