import { describeError, isEnrolmentCode, type Reason } from '@ankang/protocol'
import type { DeviceLog } from '../device-parts.ts'
import { RepeatHold } from '../framing/repeat-hold.ts'
import type { Display, DisplayMessage } from '../ports/display.ts'
import type { Reader, Reading } from '../ports/reader.ts'
import type { CancelTimer, Timers } from '../timing/timers.ts'
import type { EnrolmentEnd } from './enrol.ts'
import { failureOf, failureReason, WAITING_INVITATION, WAITING_REASONS } from './enrolment-words.ts'

/** How long an answer stays on the glass before the invitation is back. */
const ANSWER_SHOWN_MS = 8000
/** How long success stands there before the box begins its work. */
const SUCCESS_SHOWN_MS = 2000
/** A code that is held before a scanner is one try, and costs one of the few the centre allows. */
const SAME_CODE_MS = 5000
/** How often to look whether somebody enrolled this box from a shell. */
const LOOK_EVERY_MS = 2000

interface WaitingRoomParts {
  readonly readers: readonly Reader[]
  readonly display: Display
  readonly log: DeviceLog
  readonly timers: Timers
  /** Redeems a code; rejects as `enrol` does. */
  readonly redeem: (code: string) => Promise<EnrolmentEnd>
  /** Whether the box has its certificate, however it came by it. */
  readonly isEnrolled: () => Promise<boolean>
}

/**
 * A box that is nobody's yet. Its readers read and its glass speaks, but nothing is let in and nothing is recorded: there is no
 * trust to judge a code by. It listens to enrolment codes, and ends when one was good.
 */
export class WaitingRoom {
  readonly #parts: WaitingRoomParts
  readonly #hold = new RepeatHold(SAME_CODE_MS)
  #toInvitation: CancelTimer | null = null
  #nextLook: CancelTimer | null = null
  #redeeming: Promise<void> | null = null
  #isOver = false
  #end: () => void = () => undefined
  /** Resolves once the box is enrolled and has said so; its readers still run then. */
  readonly enrolled: Promise<void>

  constructor(parts: WaitingRoomParts) {
    this.#parts = parts
    this.enrolled = new Promise(resolve => {
      this.#end = resolve
    })
  }

  /** Resolves when every reader is up, or has said what is wrong with it. */
  async start(): Promise<void> {
    const { readers, log } = this.#parts
    this.#invite()
    this.#lookLater()
    await Promise.all(
      readers.map(reader =>
        reader.start({
          onReading: reading => this.#read(reading),
          onState: state =>
            log.info({ event: 'reader', reader: reader.name, ...state }, `reader ${reader.name}: ${state.state}`),
        }),
      ),
    )
    log.info({ event: 'waiting-for-enrolment' }, '等待入网 waiting for an enrolment code')
  }

  /** Lets go of readers and glass. An enrolment under way is waited for: its code may be spent already. */
  async stop(): Promise<void> {
    const { readers, display } = this.#parts
    this.#isOver = true
    this.#nextLook?.()
    await Promise.allSettled(readers.map(reader => reader.stop()))
    await this.#redeeming
    this.#toInvitation?.()
    await display.close()
  }

  #read({ bytes, startedAtMs }: Reading): void {
    const text = Buffer.from(bytes).toString('utf8').trim()
    if (!isEnrolmentCode(text)) this.#answer(WAITING_REASONS.notEnrolled)
    else if (this.#redeeming === null && this.#hold.isNewShowing(bytes, startedAtMs)) this.#begin(text)
  }

  #begin(text: string): void {
    this.#redeeming = this.#redeem(text).finally(() => {
      this.#redeeming = null
    })
  }

  /** Never rejects: what was not foreseen is said and logged, and the box goes on waiting. */
  async #redeem(code: string): Promise<void> {
    const { redeem, log } = this.#parts
    log.info({ event: 'enrolling' }, 'an enrolment code was shown')
    this.#toInvitation?.()
    this.#show(WAITING_REASONS.enrolling)
    try {
      const end = await redeem(code)
      if (end.ok) return this.#enrolled()
      const { refusal, detail } = end
      log.warn({ event: 'enrolment-refused', refusal, ...(detail === undefined ? {} : { detail }) }, 'not enrolled')
      this.#answer(failureReason(refusal))
    } catch (error) {
      const failure = failureOf(error)
      const detail = describeError(error)
      log.error({ event: 'enrolment-failed', ...(failure === null ? {} : { failure }), detail }, 'not enrolled')
      if (failure === null) this.#fault()
      else this.#answer(failureReason(failure))
    }
  }

  #enrolled(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#parts.log.info({ event: 'enrolled' }, '入网成功 enrolled')
    this.#show(WAITING_REASONS.enrolled)
    this.#toInvitation = this.#parts.timers.after(SUCCESS_SHOWN_MS, this.#end)
  }

  #lookLater(): void {
    this.#nextLook = this.#parts.timers.after(LOOK_EVERY_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    try {
      // What is being redeemed here ends by itself.
      if (this.#redeeming === null && (await this.#parts.isEnrolled())) this.#enrolled()
    } catch (error) {
      this.#parts.log.warn({ event: 'enrolment-failed', detail: describeError(error) }, 'the identity cannot be read')
    }
    if (!this.#isOver) this.#lookLater()
  }

  #answer(reason: Reason): void {
    this.#show(reason)
    this.#inviteLater()
  }

  #fault(): void {
    this.#draw({ kind: 'fault', zh: '设备故障，请联系工作人员', en: 'Device fault: please call staff' })
    this.#inviteLater()
  }

  #inviteLater(): void {
    this.#toInvitation?.()
    this.#toInvitation = this.#parts.timers.after(ANSWER_SHOWN_MS, () => this.#invite())
  }

  #invite(): void {
    this.#draw({ kind: 'idle', invitation: WAITING_INVITATION })
  }

  #show(reason: Reason): void {
    this.#draw({ kind: 'result', reason, outcome: reason.outcome, maskedName: null, notice: null })
  }

  #draw(message: DisplayMessage): void {
    const { display, log } = this.#parts
    display.show(message).catch(error => log.warn({ event: 'display', detail: describeError(error) }, 'display failed'))
  }
}
