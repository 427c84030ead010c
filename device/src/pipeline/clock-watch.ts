import { EnvironmentError } from '@ankang/protocol'
import { Throttle } from '../timing/throttle.ts'
import type { ClockStep, TrustedClock } from '../timing/trusted-clock.ts'
import type { Recorder } from './record.ts'

interface ClockWatchOptions {
  readonly clock: TrustedClock
  readonly recorder: Pick<Recorder, 'event'>
  /** Whether a record written now would be confirmed soon: the centre is there and has everything else. */
  readonly canAsk: () => boolean
  readonly events: ClockWatchEvents
}

export interface ClockWatchEvents {
  /** Somebody set the wall clock; an alarm where it had been trusted. */
  onStepped(wasTrusted: boolean, detail: string): void
  onRecordWritten(): void
  onJournalFault(error: EnvironmentError): void
  onBroken(error: unknown): void
}

/** Whoever sets a clock in a loop fills no journal. */
const STEP_RECORDS_MS = 60_000

/** What the clock leaves in the ledger: that it was set, and records whose receipts are its witnesses. */
export class ClockWatch {
  readonly #options: ClockWatchOptions
  readonly #steps = new Throttle(STEP_RECORDS_MS)

  constructor(options: ClockWatchOptions) {
    this.#options = options
  }

  /** Call about once a second. */
  tick(): void {
    const { clock, canAsk } = this.#options
    for (const step of clock.tick()) this.#stepped(step)
    if (!canAsk() || !clock.wantsWitness()) return
    clock.asked()
    void this.#record('time-asked')
  }

  /** Type 6. Scene map: 1 whether forward (1) or back (0), 2 milliseconds. */
  #stepped({ byMs, wasTrusted }: ClockStep): void {
    const lengthMs = Math.round(Math.abs(byMs))
    const isForward = byMs > 0
    const { clock, events } = this.#options
    events.onStepped(wasTrusted, `the wall clock was set ${isForward ? 'forward' : 'back'} by ${lengthMs} ms`)
    const isDue = this.#steps.admit('step', clock.monotonicMs()) !== null
    if (!isDue && !wasTrusted) return
    const sceneMap = new Map([
      [1, isForward ? 1 : 0],
      [2, lengthMs],
    ])
    void this.#record('clock-stepped', sceneMap)
  }

  async #record(reason: string, sceneMap?: Map<number, number>): Promise<void> {
    const { recorder, events } = this.#options
    try {
      await recorder.event('clock', reason, sceneMap)
      events.onRecordWritten()
    } catch (error) {
      if (error instanceof EnvironmentError) events.onJournalFault(error)
      else events.onBroken(error)
    }
  }
}
