import {
  type AlarmPayload,
  EnvironmentError,
  encodePayload,
  type HealthPayload,
  headFormat,
  type PrivateKey,
  type ReportedPayload,
  type StatePayload,
  toHex,
} from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { Link } from '../ports/link.ts'

export const HEALTH_EVERY_MS = 30_000
export const HEAD_EVERY_MS = 300_000
/** A head is signed this soon after what it covers: what comes after the last one is lost when the device is revoked. */
export const HEAD_AFTER = { records: 100, ms: 10_000 } as const

interface ReportOptions {
  readonly link: Link
  readonly journal: Journal
  readonly clock: Clock
  readonly key: PrivateKey
  readonly scene: string
  readonly firmware: string
  readonly hardware: string
  readonly trustVersion: number
  /** New at each start of the program, 16 bytes. */
  readonly bootNonce: Uint8Array
  readonly backlog: () => number
  readonly residentBytes: () => number
  /** Whether nobody is let in. */
  readonly isLockedDown: () => boolean
  /** What could not be said, for the log. Nothing is said twice: the next report is newer. */
  readonly onUnsaid: (what: string, error: unknown) => void
}

/** What the device counts since it started. */
export interface Counters {
  admitted: number
  denied: number
  referred: number
  readerFaults: number
  actionsFailed: number
  /** Orders and desired states that were not heeded. */
  ordersRefused: number
}

/** What the device says of itself on its own topics. No person is in any of it. Source: formats.md §6. */
export class Report {
  readonly counters: Counters = {
    admitted: 0,
    denied: 0,
    referred: 0,
    readerFaults: 0,
    actionsFailed: 0,
    ordersRefused: 0,
  }
  readonly #options: ReportOptions
  readonly #alarms = new Map<AlarmPayload['kind'], number>()
  #isUp = false
  #headSaid = { seq: 0, atMs: 0 }

  constructor(options: ReportOptions) {
    this.#options = options
  }

  /** How many alarms of each kind since the start, newest kind last. */
  alarmsSoFar(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#alarms)
  }

  linkDown(): void {
    this.#isUp = false
  }

  /** Call about once a second: a head for what was written since the last one. */
  tick(): void {
    const { journal, clock } = this.#options
    const records = journal.head().seq - this.#headSaid.seq
    const isDue = records >= HEAD_AFTER.records || clock.monotonicMs() - this.#headSaid.atMs >= HEAD_AFTER.ms
    if (this.#isUp && records > 0 && isDue) void this.head()
  }

  /** On every connection: who I am, where my chain stands, how I am. */
  birth(): void {
    this.#isUp = true
    const { journal, scene, firmware, hardware, bootNonce, trustVersion } = this.#options
    const { epoch, seq, link } = journal.head()
    const head = { epoch: toHex(epoch), seq, link: toHex(link) }
    this.#say(
      'birth',
      encodePayload({
        bootNonce: toHex(bootNonce),
        firmware,
        hardware,
        scene,
        head,
        bundleVersions: { trust: trustVersion },
      }),
      1,
    )
    this.ready()
    this.health()
    void this.head()
  }

  /** In service; a box that lets nobody in says so where everybody looks. */
  ready(): void {
    void this.state('ready', this.#options.isLockedDown() ? 'lockdown' : undefined)
  }

  reported(reported: ReportedPayload): void {
    void this.#say('reported', encodePayload(reported), 1, true)
  }

  state(state: StatePayload['state'], detail?: string): Promise<void> {
    const { clock, scene } = this.#options
    const payload = encodePayload({ state, timeMs: clock.nowMs(), scene, ...(detail === undefined ? {} : { detail }) })
    return this.#say('state', payload, 1, true)
  }

  /** A disk that cannot be read is said in the log; it must not end the program from a timer. */
  health(): void {
    try {
      this.#say('health', encodePayload(this.#healthNow()), 0)
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#options.onUnsaid('health', error)
    }
  }

  #healthNow(): HealthPayload {
    const { journal, clock, backlog, residentBytes, isLockedDown } = this.#options
    const waiting = backlog()
    const oldest =
      waiting === 0
        ? undefined
        : journal.history.read(journal.head().seq - waiting + 1, { maxRecords: 1, maxBytes: 1 })[0]
    return {
      timeMs: clock.nowMs(),
      backlog: waiting,
      oldestUnsentMs: oldest === undefined ? null : Math.max(0, clock.nowMs() - oldest.writtenMs),
      clock: clock.trust(),
      bundleAgeSeconds: null,
      lockdown: isLockedDown(),
      counters: this.counters,
      residentBytes: residentBytes(),
    }
  }

  /** Signed: the centre can prove a gap up to here. */
  head(): Promise<void> {
    const { journal, clock, key } = this.#options
    const content = { ...journal.head(), device: journal.epoch.device, timeMs: clock.nowMs() }
    this.#headSaid = { seq: content.seq, atMs: clock.monotonicMs() }
    return this.#say('head', headFormat.encode(content, key), 1)
  }

  alarm(kind: AlarmPayload['kind'], detail: string): void {
    const before = this.#alarms.get(kind) ?? 0
    this.#alarms.delete(kind)
    this.#alarms.set(kind, before + 1)
    this.#say('alarms', encodePayload({ timeMs: this.#options.clock.nowMs(), kind, detail }), 1)
  }

  async #say(
    channel: 'birth' | 'state' | 'health' | 'head' | 'alarms' | 'reported',
    payload: Uint8Array,
    qos: 0 | 1,
    retain = false,
  ): Promise<void> {
    try {
      await this.#options.link.publish(channel, payload, { qos, retain })
    } catch (error) {
      this.#options.onUnsaid(channel, error)
    }
  }
}
