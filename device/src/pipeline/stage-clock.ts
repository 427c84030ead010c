import type { StageTimes } from '@ankang/protocol'

export const STAGES = ['read', 'recognise', 'verify', 'decide', 'record', 'total'] as const
export type Stage = (typeof STAGES)[number]

/** Times one showing's way along the line. Milliseconds; a stage that was not reached took none. */
export class StageClock {
  readonly #now: () => number
  readonly #startedAtMs: number
  readonly #times: Record<Stage, number>
  #mark: number

  /** `now` never steps. `startedAtMs` and `readMs` come with the reading, on the same clock. */
  constructor(now: () => number, startedAtMs: number, readMs: number) {
    this.#now = now
    this.#startedAtMs = startedAtMs
    this.#times = { read: readMs, recognise: 0, verify: 0, decide: 0, record: 0, total: 0 }
    this.#mark = now()
  }

  /** The stage that began at the last mark ends now. */
  end(stage: Exclude<Stage, 'read' | 'total'>): void {
    const now = this.#now()
    this.#times[stage] = now - this.#mark
    this.#mark = now
  }

  /** Ends the showing: `total` runs from the first byte or frame until what was decided has been done. */
  finish(): Readonly<Record<Stage, number>> {
    this.#times.total = this.#now() - this.#startedAtMs
    return { ...this.#times }
  }

  /** What goes into the record: the stages before it, in tenths of a millisecond. */
  forRecord(): StageTimes {
    const tenths = (ms: number) => Math.max(0, Math.round(ms * 10))
    const { read, recognise, verify, decide } = this.#times
    return { read: tenths(read), recognise: tenths(recognise), verify: tenths(verify), decide: tenths(decide) }
  }
}
