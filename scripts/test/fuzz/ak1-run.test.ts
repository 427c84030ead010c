import { catalogue, recognise } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { MUTATIONS } from '../../fuzz/ak1-mutations.ts'
import { type FuzzFigures, fuzzAk1, readCorpus, refusalOf } from '../../fuzz/ak1-run.ts'
import { seededRandom } from '../../fuzz/seeded-random.ts'

const none = (): FuzzFigures => ({ inputs: 0, unchanged: 0, refusedBy: {}, byMutation: {} })
const corpus = readCorpus()

describe('fuzzing of ak1 codes', () => {
  it('finds no way in with 5,000 damaged codes, by any mutation', () => {
    const figures = none()
    fuzzAk1(corpus, { seed: 1, from: 0, count: 5000 }, figures)
    expect(figures.inputs + figures.unchanged).toBe(5000)
    expect(Object.keys(figures.byMutation).sort()).toEqual(Object.keys(MUTATIONS).sort())
    // Input that stops at the first row tests the first row only: some must get as far as the signatures and the proof.
    for (const reason of ['malformed', 'unknown-issuer', 'bad-signature', 'proof-bad', 'proof-missing'])
      expect(figures.refusedBy[reason], reason).toBeGreaterThan(20)
  })

  it('would say so if a code got through', () => {
    const [base] = corpus.bases
    if (base === undefined) expect.fail('the corpus is empty')
    expect(() => refusalOf(base.bytes, base, corpus.policies)).toThrow(
      expect.objectContaining({ code: 'damaged-code-verified' }),
    )
    const blind = { ...corpus, originals: new Set<string>() }
    expect(() => fuzzAk1(blind, { seed: 1, from: 0, count: 5000 }, none())).toThrow(/seed 1, index \d+/)
  })

  it('gives the same figures in two runs as in one', () => {
    const [whole, halves] = [none(), none()]
    fuzzAk1(corpus, { seed: 3, from: 0, count: 400 }, whole)
    fuzzAk1(corpus, { seed: 3, from: 0, count: 150 }, halves)
    fuzzAk1(corpus, { seed: 3, from: 150, count: 250 }, halves)
    expect(halves).toEqual(whole)
  })

  it('starts from codes that are recognised', () => {
    expect(corpus.bases.length).toBeGreaterThan(70)
    for (const { bytes, name } of corpus.bases) expect(recognise({ bytes }, catalogue.families).ok, name).toBe(true)
  })
})

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
