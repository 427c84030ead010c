/*
 * Throws the inputs of a corpus at recognition, verification and decision, and counts what becomes of them.
 */
import {
  BugError,
  catalogue,
  decide,
  type Family,
  HEALTHY,
  recognise,
  replayMarks,
  toHex,
  verify,
} from '@ankang/protocol'
import type { FuzzBase, FuzzCorpus, FuzzInput } from './fuzz-corpus.ts'
import { seededRandom } from './seeded-random.ts'

export interface FuzzRange {
  readonly seed: number
  readonly from: number
  readonly count: number
}

export interface FuzzFigures {
  /** Inputs that differ from every original. */
  inputs: number
  /** Mutations that changed nothing. */
  unchanged: number
  readonly refusedBy: Record<string, number>
  /** What was verified all the same, by what it is. */
  readonly verifiedAs: Record<string, number>
  readonly byMutation: Record<string, number>
}

export function noFigures(): FuzzFigures {
  return { inputs: 0, unchanged: 0, refusedBy: {}, verifiedAs: {}, byMutation: {} }
}

export interface FuzzBench {
  readonly corpus: FuzzCorpus
  readonly families: readonly Family[]
  /** Hex tags of marks: what a device remembers that accepted every code of the corpus. */
  readonly shown: ReadonlySet<string>
}

/** Hex tags of the marks that the corpus' own codes leave on a device with these families. */
export function marksLeftBy(corpus: FuzzCorpus, families: readonly Family[]): ReadonlySet<string> {
  const tags = corpus.bases.flatMap(({ bytes, ...context }) => {
    const recognition = recognise({ bytes }, families)
    if (!recognition.ok) return []
    return corpus.policies.flatMap(policy => {
      const { presentation } = verify(recognition.claimed, { ...context, policy })
      return presentation === null ? [] : replayMarks(presentation, policy, context.now).map(({ tag }) => toHex(tag))
    })
  })
  return new Set(tags)
}

/** `families` are those under trial; a test may plant one that is wrong. */
export function fuzzBench(corpus: FuzzCorpus, families: readonly Family[] = catalogue.families): FuzzBench {
  return { corpus, families, shown: marksLeftBy(corpus, catalogue.families) }
}

export type Verdict =
  | { readonly kind: 'refused'; readonly reason: string }
  /** The corpus says what it is. */
  | { readonly kind: 'verified'; readonly as: string }

/** What becomes of one input. Throws a BugError when it is let through under any policy and nothing explains why. */
export function judge(bytes: Uint8Array, base: FuzzBase, { corpus, families, shown }: FuzzBench): Verdict {
  const recognition = recognise({ bytes }, families)
  if (!recognition.ok) return { kind: 'refused', reason: recognition.reason }
  let first: string | null = null
  let verified: string | null = null
  for (const policy of corpus.policies) {
    const context = { trust: base.trust, policy, now: base.now, site: base.site, challenge: base.challenge }
    const verification = verify(recognition.claimed, context)
    if (verification.ok) {
      const { presentation } = verification
      const { reason } = decide(presentation, {
        ...context,
        reasons: catalogue.reasons,
        scene: null,
        state: HEALTHY,
        situation: null,
        markedUntil: tag => (shown.has(toHex(tag)) ? base.now + 1 : null),
      })
      const as = corpus.explain({ bytes, base, policy, presentation, reason })
      if (as === null)
        throw new BugError(
          'damaged-code-verified',
          `a damaged code verified and was decided ${reason}: ${toHex(bytes)}`,
        )
      verified ??= as
      continue
    }
    first ??= verification.reason
    // Rows 3 to 5 look at no policy: the other policies would verify the same signature again and say the same.
    if (verification.presentation === null) break
  }
  return verified === null ? { kind: 'refused', reason: first ?? 'no policy' } : { kind: 'verified', as: verified }
}

/** An input that got in, or that made something throw. */
export class FuzzFinding extends BugError {
  readonly seed: number
  readonly index: number

  constructor(place: { readonly seed: number; readonly index: number }, what: string, cause: unknown) {
    super('fuzz-finding', `seed ${place.seed}, index ${place.index}, ${what}: expected a refusal`, { cause })
    this.seed = place.seed
    this.index = place.index
  }
}

function tally(figures: Record<string, number>, name: string): void {
  figures[name] = (figures[name] ?? 0) + 1
}

/** Adds the inputs of `range` to `figures`. Throws a BugError naming seed and index on the first that is a finding. */
export function fuzzRange(bench: FuzzBench, { seed, from, count }: FuzzRange, figures: FuzzFigures): void {
  for (let index = from; index < from + count; index++) {
    let input: FuzzInput | null = null
    try {
      input = bench.corpus.draw(seededRandom(seed, index))
      fuzzOne(input, bench, figures)
    } catch (error) {
      const what = input === null ? 'making the input' : `${input.mutation} on ${JSON.stringify(input.base.name)}`
      throw new FuzzFinding({ seed, index }, what, error)
    }
  }
}

function fuzzOne({ bytes, base, mutation }: FuzzInput, bench: FuzzBench, figures: FuzzFigures): void {
  if (bench.corpus.originals.has(toHex(bytes))) {
    figures.unchanged++
    return
  }
  const verdict = judge(bytes, base, bench)
  figures.inputs++
  tally(figures.byMutation, mutation)
  if (verdict.kind === 'refused') tally(figures.refusedBy, verdict.reason)
  else tally(figures.verifiedAs, verdict.as)
}
