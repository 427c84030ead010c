import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareOut } from '../../src/scenarios/share-out.ts'

describe('a share-out', () => {
  it('gives each by weight', () => {
    expect(shareOut(200, [1, 1, 3])).toEqual([40, 40, 120])
  })

  it('adds up to the total and is off by less than one from each exact share, whatever the weights', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 9 }),
        (total, weights) => {
          const shares = shareOut(total, weights)
          const all = weights.reduce((sum, weight) => sum + weight, 0)
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total)
          for (const [place, share] of shares.entries())
            expect(Math.abs(share - (total * (weights[place] ?? 0)) / all)).toBeLessThan(1)
        },
      ),
    )
  })
})
