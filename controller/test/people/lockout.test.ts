import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Lock, lockedForMs, NO_LOCK, withFailure, withoutFailure } from '../../src/people/lockout.ts'
import { PEOPLE_LIMITS } from '../../src/people/people-limits.ts'
import { START_MS } from '../fixtures/signing-device.ts'

const MINUTE_MS = 60_000
const { failuresBeforeLock, failuresForgottenMs } = PEOPLE_LIMITS

describe('the lock of an account', () => {
  it('closes at the fifth failure, and after each later one for longer, up to a quarter of an hour', () => {
    let lock = NO_LOCK
    let nowMs = START_MS
    const minutes: number[] = []
    for (let n = 0; n < 11; n++) {
      lock = withFailure(lock, nowMs)
      minutes.push(lockedForMs(lock, nowMs) / MINUTE_MS)
      nowMs += lockedForMs(lock, nowMs)
    }
    expect(minutes).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15])
  })

  it('opens to the millisecond', () => {
    const lock = Array.from({ length: 5 }).reduce<Lock>(one => withFailure(one, START_MS), NO_LOCK)
    expect(lockedForMs(lock, START_MS + MINUTE_MS - 1)).toBe(1)
    expect(lockedForMs(lock, START_MS + MINUTE_MS)).toBe(0)
  })

  it('forgets failures after a day without one', () => {
    const four = Array.from({ length: 4 }).reduce<Lock>(one => withFailure(one, START_MS), NO_LOCK)
    expect(withFailure(four, START_MS + failuresForgottenMs).failures).toBe(5)
    expect(withFailure(four, START_MS + failuresForgottenMs + 1).failures).toBe(1)
  })

  it('does not last when the clock is set back a year', () => {
    const lock = Array.from({ length: 9 }).reduce<Lock>(one => withFailure(one, START_MS), NO_LOCK)
    expect(lockedForMs(lock, START_MS)).toBe(15 * MINUTE_MS)
    expect(lockedForMs(lock, START_MS - 365 * 86_400_000)).toBe(0)
  })

  it('lets whoever guesses wrong and waits as told no more than 100 tries a day', () => {
    let [lock, nowMs, tries] = [NO_LOCK, START_MS, 0]
    while (nowMs < START_MS + 86_400_000) {
      lock = withFailure(lock, nowMs)
      tries++
      nowMs += lockedForMs(lock, nowMs)
    }
    expect(tries).toBeLessThanOrEqual(100 + failuresBeforeLock)
  })

  it('holds however failures, tries given back and time follow on one another', () => {
    const step = fc.oneof(
      fc.constant('fail' as const),
      fc.constant('give back' as const),
      fc.integer({ min: 1, max: 20 * MINUTE_MS }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        let [lock, nowMs, failures] = [NO_LOCK, START_MS, 0]
        for (const one of steps) {
          if (typeof one === 'number') nowMs += one
          else if (lockedForMs(lock, nowMs) > 0)
            continue // nobody gets that far
          else if (one === 'fail') {
            lock = withFailure(lock, nowMs)
            failures++
          } else {
            lock = withoutFailure(withFailure(lock, nowMs), nowMs)
          }
          expect(lock.failures).toBe(failures)
          expect(lockedForMs(lock, nowMs)).toBeLessThanOrEqual(15 * MINUTE_MS)
          if (one === 'fail') expect(lockedForMs(lock, nowMs) > 0).toBe(failures >= failuresBeforeLock)
          if (one === 'give back') expect(lockedForMs(lock, nowMs)).toBe(0)
        }
      }),
    )
  })
})
