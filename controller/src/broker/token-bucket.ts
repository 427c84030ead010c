import type { Allowance } from './broker-limits.ts'

/**
 * An allowance that refills with time. Whoever has anything left may spend more than that, and waits the longer after
 * it: so a packet larger than the burst passes, and the rate holds.
 */
export class TokenBucket {
  readonly #allowance: Allowance
  #left: number
  #asOfMs: number

  constructor(allowance: Allowance, nowMs: number) {
    this.#allowance = allowance
    this.#left = allowance.burst
    this.#asOfMs = nowMs
  }

  spend(amount: number, nowMs: number): void {
    this.#refill(nowMs)
    this.#left -= amount
  }

  /** Milliseconds until something may be spent again; 0 is now. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs)
    if (this.#left > 0) return 0
    // past the moment by half a millisecond at least, so that rounding does not end it just before
    return Math.ceil((-this.#left / this.#allowance.perSecond) * 1000 + 0.5)
  }

  #refill(nowMs: number): void {
    const gained = (Math.max(0, nowMs - this.#asOfMs) / 1000) * this.#allowance.perSecond
    this.#left = Math.min(this.#allowance.burst, this.#left + gained)
    this.#asOfMs = Math.max(this.#asOfMs, nowMs)
  }
}
