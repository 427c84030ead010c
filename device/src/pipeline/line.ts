import {
  BugError,
  type Catalogue,
  type DecideContext,
  type Decision,
  type DeviceState,
  decide,
  EnvironmentError,
  type Policy,
  type Presentation,
  type Reason,
  recognise,
  refusal,
  type Scene,
  type Trust,
  verify,
} from '@ankang/protocol'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { Reading } from '../ports/reader.ts'
import type { DeviceScene } from '../scenes/device-scene.ts'
import { type ActFaults, act, type Outputs } from './act.ts'
import { JunkStreak } from './junk.ts'
import type { Recorder } from './record.ts'
import { type Stage, StageClock } from './stage-clock.ts'

export interface LineOptions {
  readonly catalogue: Catalogue
  readonly trust: Trust
  readonly policy: Policy
  readonly scene: { readonly rules: Scene; readonly device: DeviceScene }
  readonly site: string
  readonly clock: Clock
  readonly journal: Journal
  readonly recorder: Recorder
  readonly outputs: Outputs
  /** Asked at each showing; absent: never. */
  readonly isLockedDown?: () => boolean
  readonly events: LineEvents
}

/** One showing's end, for logs and counters. Holds no person. */
export interface ShowingEnd {
  /** Null without a record of its own: it could not be written, or it is junk counted with others. Then nothing was opened. */
  readonly seq: number | null
  readonly outcome: Decision['outcome']
  readonly reason: string
  readonly reader: string
  /** Why a code was malformed; names a field, never its content. */
  readonly detail: string | null
  readonly stagesMs: Readonly<Record<Stage, number>>
}

export interface LineEvents extends Pick<ActFaults, 'onSignalFailed'> {
  onShowing(end: ShowingEnd): void
  /** The journal refused a record. */
  onJournalFault(error: EnvironmentError): void
  onActionFailed(seq: number, error: unknown): void
  /** More codes came than can be written; this one was dropped. */
  onOverrun(reader: string): void
}

interface Judgement {
  readonly decision: Decision
  readonly presentation: Presentation | null
  readonly family: string | null
  readonly detail: string | null
}

/** Codes waiting behind the one under way: more than a queue of people, less than a flood. */
const MAX_WAITING = 64

/**
 * The straight line: read → recognise → verify → decide → record → act.
 *
 * One showing at a time: a second one waits until the first is on disk, so that the same code at two readers cannot pass
 * twice. Promise 1 of the house lives in `#carry`: nothing is performed before its record is durable.
 */
export class Line {
  readonly #options: LineOptions
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0
  readonly #junk = new JunkStreak()

  constructor(options: LineOptions) {
    this.#options = options
  }

  /**
   * Takes a reading to its end; null when too many wait already, as when a flickering screen floods a scanner: nothing is
   * opened or recorded then. Never rejects for anything a code, a disk or an output can do.
   */
  present(reading: Reading): Promise<ShowingEnd | null> {
    if (this.#waiting >= MAX_WAITING) {
      this.#options.events.onOverrun(reading.reader)
      return Promise.resolve(null)
    }
    this.#waiting++
    const end = this.#tail
      .then(() => this.#carry(reading))
      .finally(() => {
        this.#waiting--
      })
    this.#tail = end.catch(() => undefined) // the caller gets the fault; the next showing must not
    return end
  }

  /** Call about once a second: a streak of junk that is over gets its record. */
  async tick(): Promise<void> {
    if (!this.#junk.isOver(this.#options.clock.monotonicMs())) return
    const ended = this.#tail.then(() => this.#endJunk())
    this.#tail = ended.catch(() => undefined) // the caller gets the fault; the next showing must not
    await ended
  }

  /** Resolves when no showing is under way and nothing is left to be written. */
  async idle(): Promise<void> {
    await this.settled()
    await this.#endJunk()
  }

  /** Resolves when the showings that were there at the call have ended: what came into force before it binds every later one. */
  async settled(): Promise<void> {
    await this.#tail
  }

  async #carry(reading: Reading): Promise<ShowingEnd> {
    const stages = new StageClock(() => this.#options.clock.monotonicMs(), reading.startedAtMs, reading.readMs)
    const judgement = this.#judge(reading, stages)
    const written = await this.#record(judgement, reading.bytes, stages)
    stages.end('record')
    await this.#act(written.decision, judgement.presentation, written.seq)
    const { outcome, reason } = written.decision
    const end = {
      seq: written.seq,
      outcome,
      reason,
      reader: reading.reader,
      detail: judgement.detail,
      stagesMs: stages.finish(),
    }
    this.#options.events.onShowing(end)
    return end
  }

  /** Recognise, verify, decide: pure, and all of it in memory. */
  #judge(reading: Reading, stages: StageClock): Judgement {
    const { catalogue, trust, policy, site, scene, clock, journal, outputs } = this.#options
    const now = nowSeconds(clock)

    const recognition = recognise(reading, catalogue.families)
    stages.end('recognise')
    if (!recognition.ok) {
      const { family, detail, reason } = recognition
      return { decision: refusal(reason, catalogue.reasons), presentation: null, family, detail }
    }

    const { claimed } = recognition
    const verification = verify(claimed, { trust, policy, now, site, challenge: null })
    stages.end('verify')
    if (!verification.ok) {
      const { presentation, reason } = verification
      return { decision: refusal(reason, catalogue.reasons), presentation, family: claimed.family, detail: null }
    }

    const { presentation } = verification
    const markedUntil = (tag: Uint8Array) => journal.markedUntil(tag)
    const context = {
      trust,
      policy,
      reasons: catalogue.reasons,
      scene: scene.rules,
      state: this.#state(),
      now,
      situation: scene.device.situation?.(outputs) ?? null,
      markedUntil,
    }
    const decision = this.#decide(presentation, context)
    stages.end('decide')
    return { decision, presentation, family: claimed.family, detail: null }
  }

  /** A memory that cannot be read vouches for nobody: as good as one that cannot be written. */
  #decide(presentation: Presentation, context: DecideContext): Decision {
    try {
      return decide(presentation, context)
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#options.events.onJournalFault(error)
      return refusal('storage-full', this.#options.catalogue.reasons)
    }
  }

  #state(): DeviceState {
    const { clock, isLockedDown } = this.#options
    return { trustAge: 'fresh', clock: clock.trust(), storageFull: false, lockdown: isLockedDown?.() ?? false }
  }

  /** The decision once it is on disk. What cannot be recorded is refused: `storage-full`, without a number. */
  async #record(
    judgement: Judgement,
    code: Uint8Array,
    stages: StageClock,
  ): Promise<{ readonly decision: Decision; readonly seq: number | null }> {
    const isAlone = await this.#hasOwnRecord(judgement.decision)
    if (!isAlone) return { decision: judgement.decision, seq: null }
    try {
      const record = await this.#options.recorder.showing({ ...judgement, code, stages: stages.forRecord() })
      return { decision: judgement.decision, seq: record.seq }
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#options.events.onJournalFault(error)
      const wouldOpen = judgement.decision.outcome !== 'deny'
      return {
        decision: wouldOpen ? refusal('storage-full', this.#options.catalogue.reasons) : judgement.decision,
        seq: null,
      }
    }
  }

  async #act(decision: Decision, presentation: Presentation | null, seq: number | null): Promise<void> {
    if (seq === null && decision.effects.length > 0)
      throw new BugError('effect-without-record', 'an effect was about to be performed without a record')
    const { scene, outputs, events } = this.#options
    const performance = {
      decision,
      reason: this.#reason(decision.reason),
      maskedName: presentation?.maskedName ?? null,
    }
    await act(performance, scene.device, outputs, {
      onSignalFailed: events.onSignalFailed,
      onEffectFailed: error => this.#effectFailed(seq ?? 0, error),
    })
  }

  /** What nobody claims is counted after a few; anything else ends the streak, and its count is written first. */
  async #hasOwnRecord({ reason }: Decision): Promise<boolean> {
    const now = this.#options.clock.monotonicMs()
    if (reason !== 'unrecognised' || this.#junk.isOver(now)) await this.#endJunk()
    return reason !== 'unrecognised' || this.#junk.isRecordedAlone(now)
  }

  async #endJunk(): Promise<void> {
    try {
      if (this.#junk.counted > 0) await this.#options.recorder.junk(this.#junk.counted)
      this.#junk.end()
    } catch (fault) {
      if (!(fault instanceof EnvironmentError)) throw fault
      this.#options.events.onJournalFault(fault) // the count stays, and is written when there is space
    }
  }

  async #effectFailed(seq: number, error: unknown): Promise<void> {
    this.#options.events.onActionFailed(seq, error)
    try {
      await this.#options.recorder.event('action-failed', 'effect-failed', new Map([[1, seq]]))
    } catch (fault) {
      if (!(fault instanceof EnvironmentError)) throw fault
      this.#options.events.onJournalFault(fault)
    }
  }

  #reason(id: string): Reason {
    const reason = this.#options.catalogue.reasons.get(id)
    if (reason === undefined) throw new BugError('reason-undeclared', `reason ${id} was given but never declared`)
    return reason
  }
}
