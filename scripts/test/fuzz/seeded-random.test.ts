import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../fuzz/seeded-random.ts'

describe('the seeded random source', () => {
  it('repeats itself for the same seed and index, and for no other', () => {
    const draw = (seed: number, index: number) => seededRandom(seed, index).bytes(16).join()
    expect(draw(1, 2)).toBe(draw(1, 2))
    expect(new Set([draw(1, 2), draw(2, 2), draw(1, 3), draw(2, 1)]).size).toBe(4)
  })

  it('stays below its limit and reaches every value', () => {
    const random = seededRandom(5, 5)
    const drawn = new Set(Array.from({ length: 1000 }, () => random.below(10)))
    expect([...drawn].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })
})
