import type { TimeTrust } from '@ankang/protocol'

/** Time as the device knows it. */
export interface Clock {
  /** Unix milliseconds. May step. */
  nowMs(): number
  /** Milliseconds that never step, `performance.now()` of this process. */
  monotonicMs(): number
  /** How far `nowMs` can be trusted. */
  trust(): TimeTrust
}

/** Unix seconds of a clock, as the checks count. */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000)
}
