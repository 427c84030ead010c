import type { Clock } from '../../ports/clock.ts'

/** The machine's clock. Nothing here has vouched for it, so its trust is unknown. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  trust: () => 'unknown',
}
