import { catalogue, recognise } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { AK1_MUTATIONS } from '../../fuzz/ak1-mutations.ts'
import { ak1Target } from '../../fuzz/ak1-target.ts'
import { fuzzBench, fuzzRange, judge, noFigures } from '../../fuzz/fuzz-run.ts'

const corpus = ak1Target.readCorpus(null)
const bench = fuzzBench(corpus)

describe('fuzzing of ak1 codes', () => {
  it('finds no way in with 5,000 damaged codes, by any mutation', () => {
    const figures = noFigures()
    fuzzRange(bench, { seed: 1, from: 0, count: 5000 }, figures)
    expect(figures.inputs + figures.unchanged).toBe(5000)
    expect(Object.keys(figures.byMutation).sort()).toEqual(Object.keys(AK1_MUTATIONS).sort())
    // Input that stops at the first row tests the first row only: some must get as far as the signatures and the proof.
    for (const reason of ['malformed', 'unknown-issuer', 'bad-signature', 'proof-bad', 'proof-missing'])
      expect(figures.refusedBy[reason], reason).toBeGreaterThan(20)
    expect(figures.verifiedAs).toEqual({})
  })

  it('would say so if a code got through', () => {
    const [base] = corpus.bases
    if (base === undefined) expect.fail('the corpus is empty')
    expect(() => judge(base.bytes, base, bench)).toThrow(expect.objectContaining({ code: 'damaged-code-verified' }))
    const blind = { ...bench, corpus: { ...corpus, originals: new Set<string>() } }
    expect(() => fuzzRange(blind, { seed: 1, from: 0, count: 5000 }, noFigures())).toThrow(/seed 1, index \d+/)
  })

  it('gives the same figures in two runs as in one', () => {
    const [whole, halves] = [noFigures(), noFigures()]
    fuzzRange(bench, { seed: 3, from: 0, count: 400 }, whole)
    fuzzRange(bench, { seed: 3, from: 0, count: 150 }, halves)
    fuzzRange(bench, { seed: 3, from: 150, count: 250 }, halves)
    expect(halves).toEqual(whole)
  })

  it('starts from codes that are recognised', () => {
    expect(corpus.bases.length).toBeGreaterThan(70)
    for (const { bytes, name } of corpus.bases) expect(recognise({ bytes }, catalogue.families).ok, name).toBe(true)
  })
})
