import type { Decoded } from './codec/cbor.ts'
import type { Policy } from './policy.ts'
import type { Presentation } from './presentation.ts'
import type { Reason } from './reason.ts'
import type { Trust } from './trust/trust.ts'

/** What verification may look at. Pure: the time is an argument. */
export interface VerifyContext {
  readonly trust: Trust
  readonly policy: Policy
  /** Unix seconds. */
  readonly now: number
  /** This device's site; null where none is known, so that a proof that names one is refused. */
  readonly site: string | null
  /** What the device's display shows for phones to sign; null where it shows none. */
  readonly challenge: Uint8Array | null
}

/** A refusal names the first check that failed; it carries the presentation only once row 5 has passed. */
export type Verification =
  | { readonly ok: true; readonly presentation: Presentation }
  | { readonly ok: false; readonly reason: string; readonly presentation: Presentation | null }

/** A well-formed code of one family, not yet believed. */
export interface Claimed {
  readonly family: string
  /** Rows 3 to 13, in order. */
  verify(context: VerifyContext): Verification
}

/** A code family is one file: claim, decode, verify. Adding one touches the list in `index.ts` and nothing else. */
export interface Family {
  readonly name: string
  /** Whether these bytes are this family's, well-formed or not. */
  claims(bytes: Uint8Array): boolean
  decode(bytes: Uint8Array): Decoded<Claimed>
  /** For codes that say in their head how long they are: bytes in all, or null when these say nothing yet or nothing sound. A line of characters needs it, since such codes may hold its delimiter. */
  declaredLength?(head: Uint8Array): number | null
  readonly reasons: readonly Reason[]
}

/** Asks every family how long the code is that begins so; null where none can tell. */
export function lengthDeclaredBy(families: readonly Family[]): (head: Uint8Array) => number | null {
  const telling = families.flatMap(family => (family.declaredLength === undefined ? [] : [family.declaredLength]))
  return head => {
    for (const declaredLength of telling) {
      const length = declaredLength(head)
      if (length !== null) return length
    }
    return null
  }
}
