/*
 * Throws damaged ak1 codes at recognition, verification and decision. base45 and our CBOR have one spelling for each value,
 * and every byte of a code is signed or fixed, so whatever differs from an original must be denied.
 */
import { readFileSync } from 'node:fs'
import {
  AK1_LIMITS,
  BugError,
  catalogue,
  compileTrust,
  decide,
  decodeClaims,
  decodeProfiledSign1,
  encodeAk1Text,
  fromHex,
  HEALTHY,
  type Policy,
  parsePolicy,
  parseTrustFile,
  recognise,
  type Trust,
  toHex,
  utf8,
  verify,
} from '@ankang/protocol'
import type { PublishedCase } from '../../protocol/test/published-case.ts'
import { MUTATIONS, type Original, readOriginal } from './ak1-mutations.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

interface Base extends Original {
  readonly name: string
  readonly trust: Trust
  readonly now: number
  readonly site: string | null
  readonly challenge: Uint8Array | null
}

/** Everything a run needs, read once. */
export interface Corpus {
  readonly bases: readonly Base[]
  readonly policies: readonly Policy[]
  /** Hex of every code that its issuer made, as published or freed of a proof it should not have: to land there is no damage. */
  readonly originals: ReadonlySet<string>
}

export interface FuzzRange {
  readonly seed: number
  readonly from: number
  readonly count: number
}

export interface FuzzFigures {
  inputs: number
  /** Mutations that changed nothing. */
  unchanged: number
  readonly refusedBy: Record<string, number>
  readonly byMutation: Record<string, number>
}

const CASES = new URL('../../protocol/vectors/cases.json', import.meta.url)

function isBearer(credential: Uint8Array): boolean {
  const message = decodeProfiledSign1(credential, AK1_LIMITS, 'kid')
  const claims = message.ok ? decodeClaims(message.value.payload) : message
  return claims.ok && claims.value.phoneKey === null
}

/**
 * The published cases that decode, but for those whose damage could be undone: one flipped bit of a valid signature
 * is one flip from valid again.
 */
export function readCorpus(): Corpus {
  const file = JSON.parse(readFileSync(CASES, 'utf8'))
  const cases: readonly PublishedCase[] = file.cases
  const policies = Object.values(file.policies).map(policy => parsePolicy(policy, catalogue))
  const bytesOf = (one: PublishedCase): Uint8Array => (one.text === undefined ? fromHex(one.hex ?? '') : utf8(one.text))
  const bases = cases.flatMap((one): Base[] => {
    const bytes = bytesOf(one)
    const layers = recognise({ bytes }, catalogue.families).ok ? readOriginal(bytes) : null
    if (layers === null || one.expect['reason'] === 'bad-signature') return []
    const trust = compileTrust(parseTrustFile(one.trust ?? file.trust))
    const challenge = one.challenge === undefined ? null : fromHex(one.challenge)
    return [{ ...layers, name: one.name, trust, now: one.at, site: one.site ?? null, challenge }]
  })
  const bearers = bases
    .filter(({ credential }) => isBearer(credential))
    .map(({ credential }) => encodeAk1Text(credential))
  const originals = [...cases.map(bytesOf), ...bearers.map(utf8)].map(toHex)
  return { bases, policies, originals: new Set(originals) }
}

/** The reason of the refusal. Throws a BugError when the input is let through under any policy. */
export function refusalOf(input: Uint8Array, base: Base, policies: readonly Policy[]): string {
  const recognition = recognise({ bytes: input }, catalogue.families)
  if (!recognition.ok) return recognition.reason
  let first: string | null = null
  for (const policy of policies) {
    const context = { trust: base.trust, policy, now: base.now, site: base.site, challenge: base.challenge }
    const verification = verify(recognition.claimed, context)
    if (verification.ok) {
      const { reason } = decide(verification.presentation, {
        ...context,
        reasons: catalogue.reasons,
        scene: null,
        state: HEALTHY,
        situation: null, markedUntil: () => null,
      })
      throw new BugError('damaged-code-verified', `a damaged code verified and was decided ${reason}: ${toHex(input)}`)
    }
    first ??= verification.reason
    // Rows 3 to 5 look at no policy: the other policies would verify the same signature again and say the same.
    if (verification.presentation === null) return first
  }
  return first ?? 'no policy'
}

function inputAt(index: number, seed: number, { bases }: Corpus): { base: Base; mutation: string; input: Uint8Array } {
  const random: SeededRandom = seededRandom(seed, index)
  const base = random.pick(bases)
  const mutation = random.pick(Object.keys(MUTATIONS))
  const input = MUTATIONS[mutation]?.(base, random.pick(bases), random) ?? base.bytes
  return { base, mutation, input }
}

/** Adds the inputs of `range` to `figures`. Throws a BugError naming seed and index on the first that is not refused. */
export function fuzzAk1(corpus: Corpus, { seed, from, count }: FuzzRange, figures: FuzzFigures): void {
  for (let index = from; index < from + count; index++) {
    const { base, mutation, input } = inputAt(index, seed, corpus)
    if (corpus.originals.has(toHex(input))) {
      figures.unchanged++
      continue
    }
    try {
      const reason = refusalOf(input, base, corpus.policies)
      figures.inputs++
      figures.refusedBy[reason] = (figures.refusedBy[reason] ?? 0) + 1
      figures.byMutation[mutation] = (figures.byMutation[mutation] ?? 0) + 1
    } catch (error) {
      const place = `seed ${seed}, index ${index}, ${mutation} on ${JSON.stringify(base.name)}`
      throw new BugError('fuzz-finding', `${place}: expected a refusal`, { cause: error })
    }
  }
}
