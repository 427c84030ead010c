import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttemptLimits, ENROLMENT_LIMITS, KeyedBuckets, networkOf } from '../../src/identity/attempt-limits.ts'

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0DB8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['not an address', 'not an address'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('is the same for whatever is written behind its first half', () => {
    const group = fc.integer({ min: 1, max: 0xffff })
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 4, maxLength: 4 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        (front, back) => {
          const text = [...front, ...back].map(part => part.toString(16)).join(':')
          expect(networkOf(text)).toBe(front.map(part => part.toString(16)).join(':'))
        },
      ),
    )
  })
})

describe('an allowance by name', () => {
  it('is spent, refills with time, and is another for another name', () => {
    const buckets = new KeyedBuckets({ burst: 2, perSecond: 1 }, 10)
    expect([1, 2, 3].map(() => buckets.spend('a', 1, 0))).toEqual([true, true, false])
    expect(buckets.spend('b', 1, 0)).toBe(true)
    expect([buckets.spend('a', 1, 1000), buckets.spend('a', 1, 1000)]).toEqual([true, false])
  })

  it('is not refilled by a clock that is set back', () => {
    const buckets = new KeyedBuckets({ burst: 1, perSecond: 1 }, 10)
    buckets.spend('a', 1, 10_000)
    expect(buckets.spend('a', 1, 0)).toBe(false)
  })

  it('is remembered of so many names and no more, the quietest going first', () => {
    const buckets = new KeyedBuckets({ burst: 1, perSecond: 0.001 }, 2)
    for (const name of ['a', 'b']) buckets.spend(name, 1, 0)
    expect(buckets.spend('a', 1, 0)).toBe(false)
    buckets.spend('c', 1, 0)
    expect(buckets.spend('a', 1, 0)).toBe(false)
    expect(buckets.spend('b', 1, 0)).toBe(true)
  })
})

describe('the limits of enrolment', () => {
  it('stop an address without spending what the others have', () => {
    const limits = new AttemptLimits(() => 0, {
      ...ENROLMENT_LIMITS,
      everybody: { burst: 5, perSecond: 0.001 },
      address: { burst: 2, perSecond: 0.001 },
    })
    expect([1, 2, 3, 4, 5].map(() => limits.mayTry('192.0.2.1'))).toEqual([true, true, false, false, false])
    expect([1, 2].map(() => limits.mayTry('192.0.2.2'))).toEqual([true, true])
    expect([1, 2].map(() => limits.mayTry('192.0.2.3'))).toEqual([true, false])
  })
})
