/*
 * What a family brings to the fuzzing: codes to damage, ways to damage them, and what may yet be verified afterwards.
 */
import { type Policy, type Presentation, sha256, type Trust, toHex, utf8 } from '@ankang/protocol'
import type { SeededRandom } from './seeded-random.ts'

/** A code to damage, with everything its verification looks at. */
export interface FuzzBase {
  readonly name: string
  /** As a scanner delivers it. */
  readonly bytes: Uint8Array
  readonly trust: Trust
  /** Unix seconds. */
  readonly now: number
  readonly site: string | null
  readonly challenge: Uint8Array | null
}

/** By name, for the figures. `other` is some code of the corpus, perhaps the same. */
export type Mutations<B extends FuzzBase> = Readonly<
  Record<string, (base: B, other: B, random: SeededRandom) => Uint8Array>
>

export interface FuzzInput {
  readonly bytes: Uint8Array
  /** Under its trust, at its time and place the input is shown. */
  readonly base: FuzzBase
  readonly mutation: string
}

/** An input that was verified although it differs from every code as issued. */
export interface VerifiedInput {
  readonly bytes: Uint8Array
  readonly base: FuzzBase
  readonly policy: Policy
  readonly presentation: Presentation
  /** What is decided on a device that has just accepted every code of the corpus. */
  readonly reason: string
}

/** Names what a verified input is, for the figures; null where it should have been refused. */
export type Explain = (input: VerifiedInput) => string | null

/** Everything a run needs, read once. */
export interface FuzzCorpus {
  readonly bases: readonly FuzzBase[]
  readonly policies: readonly Policy[]
  /** Hex of every code that its issuer made: to land there is no damage. */
  readonly originals: ReadonlySet<string>
  /** SHA-256 over codes and ways, hex: a run is gone on with over the same ones only. */
  readonly digest: string
  draw(random: SeededRandom): FuzzInput
  readonly explain: Explain
}

/** A family that can be fuzzed. */
export interface FuzzTarget {
  readonly family: string
  /** `vectors`: folder of the published sets that are no part of this project; null where there is none. */
  readCorpus(vectors: string | null): FuzzCorpus
}

export interface CorpusParts<B extends FuzzBase> {
  readonly bases: readonly B[]
  readonly mutations: Mutations<B>
  readonly policies: readonly Policy[]
  readonly originals: readonly Uint8Array[]
  readonly explain: Explain
}

/** Ties bases to the mutations made for them. */
export function makeCorpus<B extends FuzzBase>(parts: CorpusParts<B>): FuzzCorpus {
  const { bases, mutations, policies, explain } = parts
  const names = Object.keys(mutations)
  const originals = new Set(parts.originals.map(toHex))
  const digest = toHex(sha256(utf8([...names, ...bases.map(({ bytes }) => toHex(bytes)), ...originals].join('\n'))))
  return {
    bases,
    policies,
    originals,
    digest,
    draw: random => {
      const base = random.pick(bases)
      const mutation = random.pick(names)
      return { base, mutation, bytes: mutations[mutation]?.(base, random.pick(bases), random) ?? base.bytes }
    },
    explain,
  }
}
