import {
  type AlarmPayload,
  EnvironmentError,
  encodePayload,
  type HealthPayload,
  headFormat,
  type PrivateKey,
  type StatePayload,
  toHex,
} from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { Link } from '../ports/link.ts'

export const HEALTH_EVERY_MS = 30_000
export const HEAD_EVERY_MS = 300_000

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
}

/** What the device says of itself on its own topics. No person is in any of it. Source: formats.md §6. */
export class Report {
  readonly counters: Counters = { admitted: 0, denied: 0, referred: 0, readerFaults: 0, actionsFailed: 0 }
  readonly #options: ReportOptions

  constructor(options: ReportOptions) {
    this.#options = options
  }

  /** On every connection: who I am, where my chain stands, how I am. */
  birth(): void {
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
    this.state('ready')
    this.health()
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
    const { journal, clock, backlog, residentBytes } = this.#options
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
      counters: this.counters,
      residentBytes: residentBytes(),
    }
  }

  /** Signed: the centre can prove a gap up to here. */
  head(): Promise<void> {
    const { journal, clock, key } = this.#options
    const content = { ...journal.head(), device: journal.epoch.device, timeMs: clock.nowMs() }
    return this.#say('head', headFormat.encode(content, key), 1)
  }

  alarm(kind: AlarmPayload['kind'], detail: string): void {
    this.#say('alarms', encodePayload({ timeMs: this.#options.clock.nowMs(), kind, detail }), 1)
  }

  async #say(
    channel: 'birth' | 'state' | 'health' | 'head' | 'alarms',
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
