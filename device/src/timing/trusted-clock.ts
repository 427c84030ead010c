import type { TimeTrust } from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import { Backoff } from './backoff.ts'

/** How far a clock is believed, all in one place. Milliseconds, but for the drift. */
export const CLOCK_LIMITS = {
  /** A receipt and the wall clock that differ by more are no two witnesses of one time. */
  agreementMs: 5000,
  /** A receipt for a record written longer ago than this may have been held back. */
  freshMs: 5000,
  /** The wall clock against the monotonic one: more is a step, and not the rate of a crystal. */
  stepMs: 2000,
  /** How far a monotonic clock may run from true time, in parts of one. */
  drift: 50e-6,
  /** Without a witness for this long the clock is on its own. */
  syncedMs: 3_600_000,
  holdoverMs: 24 * 3_600_000,
  /** A clock that may be wrong by more than this is not trusted at all. */
  errorMs: 30_000,
  /** When a new witness is asked for, well before the old one has run out. */
  askAfterMs: 1_800_000,
  /** One that is asked for in vain is asked for ever more seldom. */
  askAgain: { firstMs: 60_000, maxMs: 3_600_000 },
} as const

/** Where the clock was right, by both witnesses. */
interface Anchor {
  /** Unix ms of the centre. */
  readonly timeMs: number
  readonly monotonicMs: number
  /** How far true time may have been from the wall clock's at that moment. */
  readonly errorMs: number
}

interface Written {
  readonly seq: number
  readonly monotonicMs: number
}

/** Somebody set the wall clock. */
export interface ClockStep {
  /** Positive: forward. */
  readonly byMs: number
  /** Whether the clock had been trusted until then. */
  readonly wasTrusted: boolean
}

/** One remembered write in this time stands for all: a little too old is on the safe side. */
const WRITES_APART_MS = 100

/**
 * A clock with two witnesses: the wall clock, which the network may set, and the centre's signed receipts, which a
 * broker may hold back. Neither is enough. A receipt speaks for now only when it confirms a record of this run that was
 * written a moment ago: nobody could sign for that record before it was there, so that its signed time lies between the
 * writing and the receipt. Driven from outside: `written`, `heard`, `tick`; it owns no timer.
 */
export class TrustedClock implements Clock {
  readonly #base: Clock
  #anchor: Anchor | null = null
  /** Wall time less monotonic time, from which a step is told. */
  #offsetMs: number
  #isStepped = false
  /** Newest last; each younger than `freshMs` when it was added. */
  #writes: Written[] = []
  #steps: ClockStep[] = []
  readonly #askAgain = new Backoff(CLOCK_LIMITS.askAgain)
  #notAskedBeforeMs = Number.NEGATIVE_INFINITY

  /** `base` is the machine's: its own trust is not asked. */
  constructor(base: Clock) {
    this.#base = base
    this.#offsetMs = base.nowMs() - base.monotonicMs()
  }

  nowMs(): number {
    return this.#base.nowMs()
  }

  monotonicMs(): number {
    return this.#base.monotonicMs()
  }

  trust(): TimeTrust {
    this.#watch()
    if (this.#anchor === null || this.#isStepped) return 'unknown'
    const ageMs = this.monotonicMs() - this.#anchor.monotonicMs
    if (ageMs > CLOCK_LIMITS.holdoverMs || (this.errorMs() ?? 0) > CLOCK_LIMITS.errorMs) return 'unknown'
    return ageMs > CLOCK_LIMITS.syncedMs ? 'holdover' : 'synced'
  }

  /** How far the wall clock may be from true time; null where nobody knows. */
  errorMs(): number | null {
    if (this.#anchor === null || this.#isStepped) return null
    const ageMs = this.monotonicMs() - this.#anchor.monotonicMs
    return this.#anchor.errorMs + ageMs * CLOCK_LIMITS.drift + Math.abs(this.#strayedMs())
  }

  /** Milliseconds since both witnesses last agreed; null where they never have. */
  witnessAgeMs(): number | null {
    return this.#anchor === null ? null : this.monotonicMs() - this.#anchor.monotonicMs
  }

  /** Unix ms that it is at least, as far as the centre has ever said in this run; 0 where it has not. */
  earliestMs(): number {
    if (this.#anchor === null) return 0
    const elapsedMs = this.monotonicMs() - this.#anchor.monotonicMs
    return this.#anchor.timeMs + elapsedMs * (1 - CLOCK_LIMITS.drift)
  }

  /** Whether a record should be written for a receipt to confirm: the witness is old, and none is on its way. */
  wantsWitness(): boolean {
    const ageMs = this.trust() === 'unknown' ? null : this.witnessAgeMs()
    if (ageMs !== null && ageMs < CLOCK_LIMITS.askAfterMs) return false
    const now = this.monotonicMs()
    const newest = this.#writes.at(-1)
    const isOnItsWay = newest !== undefined && now - newest.monotonicMs <= CLOCK_LIMITS.freshMs
    return !isOnItsWay && now >= this.#notAskedBeforeMs
  }

  /** A record is written for that now. */
  asked(): void {
    this.#notAskedBeforeMs = this.monotonicMs() + this.#askAgain.next()
  }

  /** A record of this run is in the journal. `sinceMonotonicMs` is a moment before it could be known to anybody. */
  written(seq: number, sinceMonotonicMs: number): void {
    const last = this.#writes.at(-1)
    if (last !== undefined && sinceMonotonicMs - last.monotonicMs < WRITES_APART_MS) return
    const now = this.monotonicMs()
    this.#writes = this.#writes.filter(write => now - write.monotonicMs <= CLOCK_LIMITS.freshMs)
    this.#writes.push({ seq, monotonicMs: sinceMonotonicMs })
  }

  /** A true receipt for this device's own chain says that the centre had everything through `storedThrough` at `timeMs`. */
  heard(timeMs: number, storedThrough: number): void {
    this.#watch()
    const confirmed = this.#writes.findLast(({ seq }) => seq <= storedThrough)
    if (confirmed === undefined) return
    const monotonicMs = this.monotonicMs()
    const heldMs = monotonicMs - confirmed.monotonicMs
    // True time now lies in [timeMs, timeMs + heldMs].
    const wallMs = this.nowMs()
    const errorMs = Math.max(Math.abs(wallMs - timeMs), Math.abs(wallMs - timeMs - heldMs))
    if (heldMs > CLOCK_LIMITS.freshMs || Math.abs(wallMs - timeMs) > CLOCK_LIMITS.agreementMs) return
    if (!this.#followsAnchor(timeMs, monotonicMs)) return
    this.#anchor = { timeMs, monotonicMs, errorMs }
    this.#offsetMs = wallMs - monotonicMs
    this.#isStepped = false
    this.#askAgain.succeeded()
    this.#notAskedBeforeMs = Number.NEGATIVE_INFINITY
  }

  /** Call about once a second: the steps of the wall clock since the last call. */
  tick(): readonly ClockStep[] {
    this.#watch()
    const steps = this.#steps
    this.#steps = []
    return steps
  }

  /** Time goes on from where both agreed: a receipt from before, or far from ahead, moves nothing. */
  #followsAnchor(timeMs: number, monotonicMs: number): boolean {
    if (this.#anchor === null) return true
    const elapsedMs = monotonicMs - this.#anchor.monotonicMs
    const boundMs = CLOCK_LIMITS.agreementMs + elapsedMs * CLOCK_LIMITS.drift
    return Math.abs(timeMs - (this.#anchor.timeMs + elapsedMs)) <= boundMs
  }

  /** How far the wall clock has left the monotonic one since the last agreement or step. */
  #strayedMs(): number {
    return this.nowMs() - this.monotonicMs() - this.#offsetMs
  }

  #watch(): void {
    const byMs = this.#strayedMs()
    if (Math.abs(byMs) <= CLOCK_LIMITS.stepMs) return
    const wasTrusted = this.#anchor !== null && !this.#isStepped
    this.#offsetMs += byMs
    this.#isStepped = true
    const [first] = this.#steps
    // Steps between two ticks are told as one: whoever sets a clock in a loop fills no memory.
    this.#steps = [{ byMs: (first?.byMs ?? 0) + byMs, wasTrusted: wasTrusted || (first?.wasTrusted ?? false) }]
  }
}
