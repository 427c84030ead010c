import { PEOPLE_LIMITS } from './people-limits.ts'

/** How often in a row somebody failed to prove who they are, and until when no more tries are taken. */
export interface Lock {
  readonly failures: number
  readonly lockedUntilMs: number | null
  /** When it became so. */
  readonly changedMs: number
}

export const NO_LOCK: Lock = { failures: 0, lockedUntilMs: null, changedMs: 0 }

const { failuresBeforeLock, lockMinutes, failuresForgottenMs } = PEOPLE_LIMITS

function lockMsAfter(failures: number): number {
  const minutes = lockMinutes[Math.min(failures - failuresBeforeLock, lockMinutes.length - 1)]
  return (minutes ?? 0) * 60_000
}

/** 0 when tries are taken. A clock that was set back must not lock somebody out for as long as it was set back. */
export function lockedForMs({ lockedUntilMs, changedMs }: Lock, nowMs: number): number {
  return lockedUntilMs === null || nowMs < changedMs ? 0 : Math.max(0, lockedUntilMs - nowMs)
}

function current(lock: Lock, nowMs: number): Lock {
  return nowMs - lock.changedMs > failuresForgottenMs ? NO_LOCK : lock
}

/**
 * Counted before the password is looked at, so that a hundred tries at once are a hundred. The fifth locks for a minute, each
 * later one for longer.
 */
export function withFailure(lock: Lock, nowMs: number): Lock {
  const failures = current(lock, nowMs).failures + 1
  const locks = failures >= failuresBeforeLock
  return { failures, lockedUntilMs: locks ? nowMs + lockMsAfter(failures) : null, changedMs: nowMs }
}

/** The try was none: what it cost is given back. */
export function withoutFailure(lock: Lock, nowMs: number): Lock {
  const failures = Math.max(0, lock.failures - 1)
  return { failures, lockedUntilMs: null, changedMs: failures === 0 ? 0 : nowMs }
}
