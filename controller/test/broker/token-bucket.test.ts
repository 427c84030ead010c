import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TokenBucket } from '../../src/broker/token-bucket.ts'

const allowance = { perSecond: 10, burst: 5 }

it('gives its burst at once, and its rate from then on', () => {
  const bucket = new TokenBucket(allowance, 0)
  for (let turn = 0; turn < 5; turn++) {
    expect(bucket.waitMs(0)).toBe(0)
    bucket.spend(1, 0)
  }
  expect(bucket.waitMs(0)).toBeGreaterThan(0)
  expect(bucket.waitMs(1)).toBe(0)
})

it('lets what is larger than the burst pass, and makes it wait the longer after that', () => {
  const bucket = new TokenBucket(allowance, 0)
  bucket.spend(25, 0)
  expect(bucket.waitMs(0)).toBe(2001)
  expect(bucket.waitMs(2001)).toBe(0)
})

it('never lets more through than burst, rate and one spending make', () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(500), amount: fc.nat(20) }), { maxLength: 100 })
  fc.assert(
    fc.property(steps, steps => {
      const bucket = new TokenBucket(allowance, 0)
      let nowMs = 0
      let spent = 0
      for (const { afterMs, amount } of steps) {
        nowMs += afterMs
        if (bucket.waitMs(nowMs) > 0) continue
        bucket.spend(amount, nowMs)
        spent += amount
      }
      expect(spent).toBeLessThan(allowance.burst + (nowMs / 1000) * allowance.perSecond + 20 + 1e-6)
    }),
  )
})

it('may be spent from once the wait it named is over', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (amount, nowMs) => {
        const bucket = new TokenBucket(allowance, nowMs)
        bucket.spend(amount, nowMs)
        expect(bucket.waitMs(nowMs + bucket.waitMs(nowMs))).toBe(0)
      },
    ),
    { numRuns: 2000 },
  )
})

it('takes a clock that goes back for one that stands', () => {
  const bucket = new TokenBucket(allowance, 1000)
  bucket.spend(15, 1000)
  expect(bucket.waitMs(0)).toBe(1001)
  expect(bucket.waitMs(1000)).toBe(1001)
})
