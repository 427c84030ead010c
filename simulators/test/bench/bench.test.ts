import { describe, expect, it } from 'vitest'
import { type BenchResult, keepsLimit } from '../../src/bench/bench.ts'
import { benches } from '../../src/bench/index.ts'

const result = (changes: Partial<BenchResult>): BenchResult => ({
  name: 'test',
  figures: {},
  limit: 1.25,
  better: 'lower',
  ratio: 1.25,
  ...changes,
})

describe('the limit of a bench', () => {
  it('is what its ratio must not pass', () => {
    expect(keepsLimit(result({ ratio: 0.1 }))).toBe(true)
    expect(keepsLimit(result({ ratio: 1.25 }))).toBe(true)
    expect(keepsLimit(result({ ratio: 1.251 }))).toBe(false)
  })

  it('is what its ratio must reach where higher is better', () => {
    expect(keepsLimit(result({ better: 'higher', ratio: 1.249 }))).toBe(false)
    expect(keepsLimit(result({ better: 'higher', ratio: 1.25 }))).toBe(true)
    expect(keepsLimit(result({ better: 'higher', ratio: 9 }))).toBe(true)
  })

  it('is not kept by a ratio that is no number', () => {
    expect(keepsLimit(result({ ratio: Number.NaN }))).toBe(false)
    expect(keepsLimit(result({ better: 'higher', ratio: Number.NaN }))).toBe(false)
  })
})

describe('the benches', () => {
  it('have names of their own', () => {
    const names = benches.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['showing', 'decode', 'verify', 'ride', 'journal', 'start']))
  })
})
