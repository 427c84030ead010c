import { setTimeout as delay } from 'node:timers/promises'
import { type AlarmPayload, type DesiredSettings, describeError, EnvironmentError } from '@ankang/protocol'
import type { DeviceParts, LogLevel } from './device-parts.ts'
import type { OrderHands } from './orders/carry-out.ts'
import { diagnostics } from './orders/diagnostics.ts'
import { Kept } from './orders/kept.ts'
import { Lockdown } from './orders/lockdown.ts'
import { Orders } from './orders/orders.ts'
import { selfTest } from './orders/self-test.ts'
import { ClockWatch } from './pipeline/clock-watch.ts'
import { Glass } from './pipeline/glass.ts'
import { Line, type ShowingEnd } from './pipeline/line.ts'
import { Recorder } from './pipeline/record.ts'
import type { Link } from './ports/link.ts'
import type { ReaderState } from './ports/reader.ts'
import { Repeating } from './timing/repeating.ts'
import { backgroundTimers } from './timing/timers.ts'
import { TrustedClock } from './timing/trusted-clock.ts'
import { HEAD_EVERY_MS, HEALTH_EVERY_MS, Report } from './uplink/report.ts'
import { Uplink } from './uplink/uplink.ts'

export type { DeviceLog, DeviceParts } from './device-parts.ts'

const TICK_MS = 1000
/** The last word to the centre takes this long at most; the journal has everything. */
const FAREWELL_MS = 2000

/** One box: its readers feed the line, what the line records goes up the link. */
export class Device {
  readonly #parts: DeviceParts
  readonly #clock: TrustedClock
  readonly #kept: Kept
  readonly #lockdown: Lockdown
  readonly #line: Line
  readonly #recorder: Recorder
  readonly #glass: Glass
  readonly #clockWatch: ClockWatch
  /** Null without a line to the centre, all three. */
  readonly #uplink: Uplink | null
  readonly #report: Report | null
  readonly #orders: Orders | null
  readonly #startedMs: number
  readonly #readers = new Map<string, ReaderState>()
  readonly #tick = new Repeating(() => this.#ticked())
  readonly #health = new Repeating(() => this.#report?.health())
  readonly #head = new Repeating(() => void this.#report?.head())
  #isLinkUp = false
  #logLevel: LogLevel

  constructor(parts: DeviceParts) {
    this.#parts = parts
    this.#logLevel = parts.logLevel
    const clock = new TrustedClock(parts.clock)
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
    const { journal, trust, random, link, key, keepMs, log, outputs, scene } = parts
    this.#kept = new Kept(parts.keep)
    this.#lockdown = new Lockdown(this.#kept, () => this.#lockdownChanged())
    this.#glass = new Glass({
      display: outputs.display,
      invitation: scene.rules.invitation,
      timers: backgroundTimers,
      isClosed: () => this.#lockdown.isOn,
      onFailed: error => log.warn({ event: 'display', detail: describeError(error) }, 'display failed'),
    })
    const onWritten = (seq: number, sinceMonotonicMs: number) => clock.written(seq, sinceMonotonicMs)
    this.#recorder = new Recorder({ journal, clock, trust, scene: scene.rules, random, onWritten })
    this.#clockWatch = this.#makeClockWatch()
    this.#line = new Line({
      ...parts,
      clock,
      recorder: this.#recorder,
      isLockedDown: () => this.#lockdown.isOn,
      events: this.#lineEvents(),
    })
    const events = {
      onConfirmed: (through: number, backlog: number) =>
        log.info({ event: 'confirmed', through, backlog }, 'receipt accepted'),
      onAlarm: (detail: string) => this.alarm('ledger', detail),
      onTimeHeard: (timeMs: number, through: number) => clock.heard(timeMs, through),
    }
    const bootNonce = random(16)
    this.#uplink = link === null ? null : new Uplink({ journal, link, key, trust, clock, keepMs, events })
    this.#report = link === null ? null : this.#makeReport(link, bootNonce)
    this.#orders = link === null || this.#report === null ? null : this.#makeOrders(link, bootNonce, this.#report)
  }

  /** Outputs first, into their known state. Resolves when every reader is up, or has said what is wrong with it. */
  async start(): Promise<void> {
    const { readers, outputs, link, log } = this.#parts
    await outputs.relay.allOff()
    await this.#prepareRecorder()
    await this.#restoreKept()
    this.#glass.idle()
    link?.open({
      onUp: () => this.#linkUp(),
      onDown: detail => this.#linkDown(detail),
      onMessage: (channel, payload) => {
        if (channel === 'receipts') this.#uplink?.receipt(payload)
        else if (channel === 'commands') this.#orders?.command(payload)
        else if (channel === 'desired') this.#orders?.desired(payload)
      },
    })
    this.#tick.every(TICK_MS)
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
   * Outputs first, and again at the end; then readers, the showing and the order under way, the word to the centre, the
   * journal. A part that fails to stop keeps no other from stopping, and a broker that answers nothing is not waited for.
   */
  async stop(): Promise<void> {
    const { readers, outputs, link, journal, log } = this.#parts
    await this.#ended([
      () => outputs.relay.allOff(),
      ...readers.map(reader => () => reader.stop()),
      () => outputs.vehicle?.stop(),
      () => this.#orders?.close(),
    ])
    await this.#line.idle()
    for (const timer of [this.#tick, this.#health, this.#head]) timer.stop()
    this.#glass.idle() // nobody's name stays there
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

  /** What was in force when the power went: whether the entry is closed, and what the centre wants of the box. */
  async #restoreKept(): Promise<void> {
    const fault = await this.#kept.load()
    if (fault !== null) this.alarm('storage', `the entry is closed until it is released: ${describeError(fault)}`)
    this.#lockdown.restore()
    this.#applyDesired({})
    await this.#orders?.restore()
  }

  /** A full disk at start refuses showings as it does at any other time; the next showing tries again. */
  async #prepareRecorder(): Promise<void> {
    try {
      await this.#recorder.prepare()
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.alarm('storage', describeError(error))
    }
  }

  #lineEvents() {
    return {
      onShowing: (end: ShowingEnd) => this.#showingEnded(end),
      onJournalFault: (error: EnvironmentError) => this.alarm('storage', describeError(error)),
      onActionFailed: (seq: number, error: unknown) => this.#actionFailed(seq, error),
      onOverrun: (reader: string) => {
        if (this.#report !== null) this.#report.counters.readerFaults++
        this.#parts.log.warn({ event: 'overrun', reader }, 'more codes than can be written; one was dropped')
      },
      onSignalFailed: (part: 'display' | 'voice', error: unknown) =>
        this.#parts.log.warn({ event: part, detail: describeError(error) }, `${part} failed`),
    }
  }

  #makeReport(link: Link, bootNonce: Uint8Array): Report {
    const { journal, key, scene, firmware, hardware, trust, residentBytes } = this.#parts
    return new Report({
      link,
      journal,
      clock: this.#clock,
      key,
      scene: scene.rules.name,
      firmware,
      hardware,
      trustVersion: trust.version,
      bootNonce,
      backlog: () => this.#uplink?.backlog() ?? 0,
      residentBytes,
      isLockedDown: () => this.#lockdown.isOn,
      onUnsaid: (what, error) => this.#unsaid(what, error),
    })
  }

  #makeOrders(link: Link, bootNonce: Uint8Array, report: Report): Orders {
    const { journal, key, trust, scene, log } = this.#parts
    return new Orders({
      device: journal.epoch.device,
      key,
      trust,
      bootNonce,
      clock: this.#clock,
      link,
      recorder: this.#recorder,
      kept: this.#kept,
      hasOutput: scene.device.remoteOpening !== undefined,
      hands: this.#hands(report),
      counters: report.counters,
      events: {
        onOrder: end => log.info({ event: 'order', ...end }, `order ${end.name}: ${end.code}`),
        onDesired: settings => this.#applyDesired(settings),
        onReport: reported => report.reported(reported),
        onAlarm: (kind, detail) => this.alarm(kind, detail),
        onActionFailed: (seq, error) => this.#actionFailed(seq, error),
        onJournalFault: error => this.alarm('storage', describeError(error)),
        onRecordWritten: () => this.#uplink?.recordWritten(),
        onUnsaid: (what, error) => this.#unsaid(what, error),
        onBroken: error => log.error({ event: 'fault', detail: describeError(error) }, 'an order ended in a fault'),
      },
    })
  }

  #hands(report: Report): Omit<OrderHands, 'openingFailed'> {
    const { scene, outputs, onRestartOrdered } = this.#parts
    return {
      lockdown: this.#lockdown,
      open: async durationMs => {
        const effect = scene.device.remoteOpening?.(durationMs)
        if (effect === undefined) return
        await scene.device.perform(effect, outputs)
        this.#glass.openedByStaff()
      },
      showingsEnded: () => this.#line.settled(),
      selfTest: isJournalWritable => this.#selfTest(isJournalWritable),
      diagnostics: () => this.#diagnostics(report),
      setLogLevel: level => this.#setLogLevel(level),
      restart: onRestartOrdered,
    }
  }

  #selfTest(isJournalWritable: boolean) {
    const { scene, trust } = this.#parts
    const clock = this.#clock
    return selfTest({
      isJournalWritable,
      readers: this.#readers,
      hasOutput: scene.device.remoteOpening !== undefined,
      clock: { trust: clock.trust(), errorMs: clock.errorMs(), witnessAgeMs: clock.witnessAgeMs() },
      trust: { version: trust.version, ageSeconds: null },
      isLockedDown: this.#lockdown.isOn,
    })
  }

  #diagnostics(report: Report) {
    return diagnostics({
      parts: this.#parts,
      report,
      upMs: this.#clock.monotonicMs() - this.#startedMs,
      backlog: this.#uplink?.backlog() ?? 0,
      logLevel: this.#logLevel,
      clock: this.#clock.trust(),
      isLockedDown: this.#lockdown.isOn,
    })
  }

  #setLogLevel(level: LogLevel): void {
    this.#logLevel = level
    this.#parts.log.setLevel(level)
  }

  /** What is absent is as the box's own file, or this program, has it. */
  #applyDesired({ logLevel, healthSeconds, headSeconds }: DesiredSettings): void {
    this.#setLogLevel(logLevel ?? this.#parts.logLevel)
    this.#health.every(healthSeconds === undefined ? HEALTH_EVERY_MS : healthSeconds * 1000)
    this.#head.every(headSeconds === undefined ? HEAD_EVERY_MS : headSeconds * 1000)
  }

  #lockdownChanged(): void {
    this.#parts.log.warn({ event: 'lockdown', on: this.#lockdown.isOn }, 'lockdown changed')
    this.#glass.stateChanged()
    this.#report?.ready()
    this.#report?.health()
  }

  #ticked(): void {
    this.#line.tick().catch(error => this.#broken(error))
    this.#uplink?.tick()
    this.#report?.tick()
    this.#clockWatch.tick()
  }

  #makeClockWatch(): ClockWatch {
    const { log } = this.#parts
    return new ClockWatch({
      clock: this.#clock,
      recorder: this.#recorder,
      canAsk: () => this.#isLinkUp && this.#uplink?.backlog() === 0,
      events: {
        onStepped: (wasTrusted, detail) => {
          if (wasTrusted) this.alarm('clock', detail)
          else log.info({ event: 'clock', detail }, 'clock set')
        },
        onRecordWritten: () => this.#uplink?.recordWritten(),
        onJournalFault: error => this.alarm('storage', describeError(error)),
        onBroken: error => this.#broken(error),
      },
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
    this.#glass.resultShown()
  }

  /** A reader, or the vehicle's line: whatever is plugged in and can be unplugged. */
  #partState(name: string, state: ReaderState): void {
    const detail = state.state === 'fault' ? state.detail : undefined
    this.#readers.set(name, state)
    this.#parts.log.info({ event: 'reader', reader: name, ...state }, `reader ${name}: ${state.state}`)
    if (detail === undefined) return
    if (this.#report !== null) this.#report.counters.readerFaults++
    this.#report?.alarm('reader', `${name}: ${detail}`)
  }

  #linkUp(): void {
    this.#parts.log.info({ event: 'link', state: 'up' }, 'connected to the controller')
    this.#isLinkUp = true
    this.#uplink?.linkUp()
    this.#report?.birth()
    this.#orders?.linkUp()
  }

  #linkDown(detail: string): void {
    this.#parts.log.warn(
      { event: 'link', state: 'down', detail },
      'no connection to the controller; records wait in the journal',
    )
    this.#isLinkUp = false
    this.#uplink?.linkDown()
    this.#report?.linkDown()
  }

  #unsaid(what: string, error: unknown): void {
    this.#parts.log.warn({ event: 'unsaid', what, detail: describeError(error) }, 'not said to the controller')
  }

  #actionFailed(seq: number, error: unknown): void {
    if (this.#report !== null) this.#report.counters.actionsFailed++
    this.alarm('door', `record ${seq} admitted, and the output did not move: ${describeError(error)}`)
  }

  /** Said to whoever runs the box, and to the centre where there is a line. */
  alarm(kind: AlarmPayload['kind'], detail: string): void {
    this.#parts.log.error({ event: 'alarm', kind, detail }, 'alarm')
    this.#report?.alarm(kind, detail)
  }

  /** A bug met while carrying a showing: nothing was opened by it, and the next showing goes on. */
  #broken(error: unknown): void {
    this.#parts.log.error({ event: 'fault', detail: describeError(error) }, 'a showing ended in a fault')
    this.#glass.fault()
  }
}
