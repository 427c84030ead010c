import { setTimeout as delay } from 'node:timers/promises'
import {
  type AlarmPayload,
  type Catalogue,
  describeError,
  EnvironmentError,
  type Policy,
  type PrivateKey,
  type Scene,
  type Trust,
} from '@ankang/protocol'
import type { Outputs } from './pipeline/act.ts'
import { Line, type ShowingEnd } from './pipeline/line.ts'
import { Recorder } from './pipeline/record.ts'
import type { Clock } from './ports/clock.ts'
import type { Journal } from './ports/journal.ts'
import type { Link } from './ports/link.ts'
import type { Reader, ReaderState } from './ports/reader.ts'
import type { DeviceScene } from './scenes/device-scene.ts'
import { HEAD_EVERY_MS, HEALTH_EVERY_MS, Report } from './uplink/report.ts'
import { Uplink } from './uplink/uplink.ts'

/** Structured lines for whoever runs the box; `event` is what other programs rely on. */
export interface DeviceLog {
  info(fields: Readonly<Record<string, unknown>>, text: string): void
  warn(fields: Readonly<Record<string, unknown>>, text: string): void
  error(fields: Readonly<Record<string, unknown>>, text: string): void
}

/** Everything a device is made of, chosen by the composition root. */
export interface DeviceParts {
  readonly site: string
  readonly scene: { readonly rules: Scene; readonly device: DeviceScene }
  readonly catalogue: Catalogue
  readonly trust: Trust
  readonly policy: Policy
  readonly key: PrivateKey
  readonly clock: Clock
  readonly random: (lengthBytes: number) => Uint8Array
  readonly journal: Journal
  readonly readers: readonly Reader[]
  readonly outputs: Outputs
  /** Null: a site without a line. */
  readonly link: Link | null
  readonly keepMs: number
  readonly firmware: string
  readonly hardware: string
  readonly residentBytes: () => number
  readonly log: DeviceLog
}

const TICK_MS = 1000
/** How long a result stays on the glass. */
const RESULT_SHOWN_MS = 4000
/** The last word to the centre takes this long at most; the journal has everything. */
const FAREWELL_MS = 2000

/** One box: its readers feed the line, what the line records goes up the link. */
export class Device {
  readonly #parts: DeviceParts
  readonly #line: Line
  readonly #recorder: Recorder
  readonly #uplink: Uplink | null
  readonly #report: Report | null
  readonly #timers: NodeJS.Timeout[] = []
  #toIdle: NodeJS.Timeout | null = null

  constructor(parts: DeviceParts) {
    this.#parts = parts
    const { journal, clock, trust, random, link, key, keepMs, log } = parts
    this.#recorder = new Recorder({ journal, clock, trust, scene: parts.scene.rules, random })
    this.#line = new Line({ ...parts, recorder: this.#recorder, events: this.#lineEvents() })
    const events = {
      onConfirmed: (through: number, backlog: number) =>
        log.info({ event: 'confirmed', through, backlog }, 'receipt accepted'),
      onAlarm: (detail: string) => this.#alarm('ledger', detail),
    }
    this.#uplink = link === null ? null : new Uplink({ journal, link, key, trust, clock, keepMs, events })
    this.#report = link === null ? null : this.#makeReport(link)
  }

  /** Outputs first, into their known state. Resolves when every reader is up, or has said what is wrong with it. */
  async start(): Promise<void> {
    const { readers, outputs, link, log } = this.#parts
    await outputs.relay.allOff()
    await this.#prepareRecorder()
    this.#showIdle()
    link?.open({
      onUp: () => this.#linkUp(),
      onDown: detail => this.#linkDown(detail),
      onMessage: (channel, payload) => {
        if (channel === 'receipts') this.#uplink?.receipt(payload)
      },
    })
    this.#every(TICK_MS, () => {
      this.#line.tick().catch(error => this.#broken(error))
      this.#uplink?.tick()
    })
    this.#every(HEALTH_EVERY_MS, () => this.#report?.health())
    this.#every(HEAD_EVERY_MS, () => this.#report?.head())
    await Promise.all([
      outputs.vehicle?.start({
        onState: state => this.#partState(outputs.vehicle?.name ?? 'vehicle', state),
        onNews: now => log.info({ event: 'vehicle', ...now }, 'the vehicle has spoken'),
      }),
      ...readers.map(reader =>
        reader.start({
          onReading: reading => void this.#line.present(reading).catch(error => this.#broken(error)),
          onState: state => this.#partState(reader.name, state),
        }),
      ),
    ])
    log.info({ event: 'ready' }, 'ready')
  }

  /**
   * Outputs first, and again at the end; then readers, the showing under way, the word to the centre, the journal. A part
   * that fails to stop keeps no other from stopping, and a broker that answers nothing is not waited for.
   */
  async stop(): Promise<void> {
    const { readers, outputs, link, journal, log } = this.#parts
    await this.#ended([
      () => outputs.relay.allOff(),
      ...readers.map(reader => () => reader.stop()),
      () => outputs.vehicle?.stop(),
    ])
    await this.#line.idle()
    for (const timer of this.#timers) clearInterval(timer)
    if (this.#toIdle !== null) clearTimeout(this.#toIdle)
    this.#showIdle() // nobody's name stays on the glass
    await this.#ended([() => outputs.relay.allOff(), () => outputs.display.close(), () => outputs.voice.close()])
    const farewell = (async () => {
      await this.#report?.head()
      await this.#report?.state('offline')
    })()
    await Promise.race([farewell, delay(FAREWELL_MS, undefined, { ref: false })])
    await this.#ended([async () => link?.close(), () => journal.close()])
    log.info({ event: 'stopped' }, 'stopped')
  }

  /** All of them, whatever becomes of one. */
  async #ended(steps: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
    const results = await Promise.allSettled(steps.map(async step => step()))
    for (const result of results)
      if (result.status === 'rejected')
        this.#parts.log.error(
          { event: 'fault', detail: describeError(result.reason) },
          'a part did not stop as it should',
        )
  }

  /** A full disk at start refuses showings as it does at any other time; the next showing tries again. */
  async #prepareRecorder(): Promise<void> {
    try {
      await this.#recorder.prepare()
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#alarm('storage', describeError(error))
    }
  }

  #lineEvents() {
    return {
      onShowing: (end: ShowingEnd) => this.#showingEnded(end),
      onJournalFault: (error: EnvironmentError) => this.#alarm('storage', describeError(error)),
      onActionFailed: (seq: number, error: unknown) => {
        if (this.#report !== null) this.#report.counters.actionsFailed++
        this.#alarm('door', `record ${seq} admitted, and the output did not move: ${describeError(error)}`)
      },
      onOverrun: (reader: string) => {
        if (this.#report !== null) this.#report.counters.readerFaults++
        this.#parts.log.warn({ event: 'overrun', reader }, 'more codes than can be written; one was dropped')
      },
      onSignalFailed: (part: 'display' | 'voice', error: unknown) =>
        this.#parts.log.warn({ event: part, detail: describeError(error) }, `${part} failed`),
    }
  }

  #makeReport(link: Link): Report {
    const { journal, clock, key, scene, firmware, hardware, trust, random, residentBytes, log } = this.#parts
    return new Report({
      link,
      journal,
      clock,
      key,
      scene: scene.rules.name,
      firmware,
      hardware,
      trustVersion: trust.version,
      bootNonce: random(16),
      backlog: () => this.#uplink?.backlog() ?? 0,
      residentBytes,
      onUnsaid: (what, error) =>
        log.warn({ event: 'unsaid', what, detail: describeError(error) }, 'not said to the controller'),
    })
  }

  #showingEnded(end: ShowingEnd): void {
    const { seq, outcome, reason, reader, detail, stagesMs } = end
    const stages = Object.fromEntries(
      Object.entries(stagesMs).map(([stage, ms]) => [stage, Math.round(ms * 1000) / 1000]),
    )
    this.#parts.log.info(
      { event: 'showing', seq, outcome, reason, reader, stages, ...(detail === null ? {} : { detail }) },
      'showing',
    )
    if (this.#report !== null)
      this.#report.counters[({ admit: 'admitted', deny: 'denied', refer: 'referred' } as const)[outcome]]++
    this.#uplink?.recordWritten()
    if (this.#toIdle !== null) clearTimeout(this.#toIdle)
    this.#toIdle = setTimeout(() => this.#showIdle(), RESULT_SHOWN_MS)
  }

  /** A reader, or the vehicle's line: whatever is plugged in and can be unplugged. */
  #partState(name: string, state: ReaderState): void {
    const detail = state.state === 'fault' ? state.detail : undefined
    this.#parts.log.info({ event: 'reader', reader: name, ...state }, `reader ${name}: ${state.state}`)
    if (detail === undefined) return
    if (this.#report !== null) this.#report.counters.readerFaults++
    this.#report?.alarm('reader', `${name}: ${detail}`)
  }

  #linkUp(): void {
    this.#parts.log.info({ event: 'link', state: 'up' }, 'connected to the controller')
    this.#uplink?.linkUp()
    this.#report?.birth()
  }

  #linkDown(detail: string): void {
    this.#parts.log.warn(
      { event: 'link', state: 'down', detail },
      'no connection to the controller; records wait in the journal',
    )
    this.#uplink?.linkDown()
  }

  #alarm(kind: AlarmPayload['kind'], detail: string): void {
    this.#parts.log.error({ event: 'alarm', kind, detail }, 'alarm')
    this.#report?.alarm(kind, detail)
  }

  /** A bug met while carrying a showing: nothing was opened by it, and the next showing goes on. */
  #broken(error: unknown): void {
    this.#parts.log.error({ event: 'fault', detail: describeError(error) }, 'a showing ended in a fault')
    this.#show({ kind: 'fault', zh: '设备故障，请联系工作人员', en: 'Device fault: please call staff' })
  }

  #showIdle(): void {
    const { invitation } = this.#parts.scene.rules
    this.#show(invitation === undefined ? { kind: 'idle' } : { kind: 'idle', invitation })
  }

  #show(message: Parameters<Outputs['display']['show']>[0]): void {
    this.#parts.outputs.display
      .show(message)
      .catch(error => this.#parts.log.warn({ event: 'display', detail: describeError(error) }, 'display failed'))
  }

  #every(periodMs: number, run: () => void): void {
    this.#timers.push(setInterval(run, periodMs))
  }
}
