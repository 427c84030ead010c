import type { Scene } from '@ankang/protocol'
import type { Display, DisplayMessage } from '../ports/display.ts'
import type { CancelTimer, Timers } from '../timing/timers.ts'

/** How long a result stays on the glass. */
const RESULT_SHOWN_MS = 4000

interface GlassOptions {
  readonly display: Display
  readonly invitation: Scene['invitation']
  readonly timers: Timers
  /** Whether nobody is let in. */
  readonly isClosed: () => boolean
  /** Nobody is refused because of it. */
  readonly onFailed: (error: unknown) => void
}

/** What stands on the display while nobody shows a code, and after somebody did. Results themselves are the line's. */
export class Glass {
  readonly #options: GlassOptions
  #toIdle: CancelTimer | null = null

  constructor(options: GlassOptions) {
    this.#options = options
  }

  idle(): void {
    this.#forgetResult()
    const { invitation, isClosed } = this.#options
    if (isClosed()) this.#show({ kind: 'notice', sign: 'closed', zh: '暂停进入', en: 'Entry closed' })
    else this.#show(invitation === undefined ? { kind: 'idle' } : { kind: 'idle', invitation })
  }

  /** Entry was closed or opened: who reads a result may finish reading. */
  stateChanged(): void {
    if (this.#toIdle === null) this.idle()
  }

  /** A result stands there now, and goes after a while. */
  resultShown(): void {
    this.#forgetResult()
    this.#toIdle = this.#options.timers.after(RESULT_SHOWN_MS, () => this.idle())
  }

  openedByStaff(): void {
    this.#show({ kind: 'notice', sign: 'opened', zh: '远程开门', en: 'Opened by staff' })
    this.resultShown()
  }

  fault(): void {
    this.#show({ kind: 'fault', zh: '设备故障，请联系工作人员', en: 'Device fault: please call staff' })
  }

  #forgetResult(): void {
    this.#toIdle?.()
    this.#toIdle = null
  }

  #show(message: DisplayMessage): void {
    this.#options.display.show(message).catch(error => this.#options.onFailed(error))
  }
}
