import type { TimeTrust } from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'

/** A clock the test turns by hand. */
export class TestClock implements Clock {
  trusted: TimeTrust = 'synced'
  #nowMs: number
  #monotonicMs = 0

  constructor(nowMs: number) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  trust(): TimeTrust {
    return this.trusted
  }

  /** Time passes on both clocks. */
  advance(ms: number): void {
    this.#nowMs += ms
    this.#monotonicMs += ms
  }

  /** Somebody sets the wall clock; the monotonic one does not notice. */
  step(ms: number): void {
    this.#nowMs += ms
  }
}
