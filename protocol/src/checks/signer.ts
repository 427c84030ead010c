import type { AlgorithmName, PublicKey } from '../crypto.ts'
import type { VerifyContext } from '../family.ts'
import type { IssuerKey } from '../trust/trust.ts'

/** What a signed credential says of its signer, and how to find out whether it is true. */
export interface SignerQuestion {
  readonly kid: Uint8Array
  /** Whether a key of this trusted issuer may be meant. */
  isIssuer(id: string): boolean
  readonly family: string
  readonly algorithm: AlgorithmName
  verifies(key: PublicKey): boolean
  /** Row 6, asked of keys that did verify. */
  mayBeSignedBy(key: IssuerKey): boolean
}

export type SignerAnswer =
  | { readonly ok: true; readonly key: IssuerKey }
  | { readonly ok: false; readonly reason: 'unknown-issuer' | 'issuer-expired' | 'bad-signature' }

/**
 * Rows 3 to 5: which key, still valid, does it verify. Of several that verify, one that may sign this is preferred; the
 * caller still asks row 6, since refusals from there on may say whose code it was. Source: formats.md §1.
 */
export function findSigner({ trust, now }: VerifyContext, question: SignerQuestion): SignerAnswer {
  const { kid, family, algorithm } = question
  const known = trust
    .issuerKeys(kid)
    .filter(key => question.isIssuer(key.issuer) && key.families.has(family) && key.algorithm === algorithm)
  if (known.length === 0) return { ok: false, reason: 'unknown-issuer' }
  const current = known.filter(key => key.notBefore <= now && now <= key.notAfter)
  if (current.length === 0) return { ok: false, reason: 'issuer-expired' }
  const [first, ...more] = current.filter(key => question.verifies(key.key))
  if (first === undefined) return { ok: false, reason: 'bad-signature' }
  return { ok: true, key: [first, ...more].find(key => question.mayBeSignedBy(key)) ?? first }
}
