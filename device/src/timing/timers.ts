export type CancelTimer = () => void

/** Waiting, as an argument: tests turn the hands themselves. */
export interface Timers {
  /** Runs `action` once after `delayMs`; the returned function calls it off, and may be called at any time. */
  after(delayMs: number, action: () => void): CancelTimer
}

/** Node's timers; a pending one keeps the program alive. */
export const systemTimers: Timers = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Node's timers for what must not keep the program alive. */
export const backgroundTimers: Timers = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
