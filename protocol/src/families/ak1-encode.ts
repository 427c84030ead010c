/* The issuing side of AK1: what a city platform and a phone make. The layout is in ak1-claims.ts. */
import { encodeBase45 } from '../codec/base45.ts'
import { concatBytes, utf8 } from '../codec/bytes.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { encodeSign1 } from '../codec/cose.ts'
import { type PrivateKey, sha256 } from '../crypto.ts'
import { KINDS } from '../trust/trust-file.ts'
import type { Ak1Claims, Ak1Proof } from './ak1-claims.ts'

export const CREDENTIAL_AAD = utf8('ak1/credential')
const PROOF_AAD = utf8('ak1/proof')

/** What binds a proof to one credential. */
export function proofAad(credential: Uint8Array): Uint8Array {
  return concatBytes(PROOF_AAD, sha256(credential))
}

function present<K, V>(entries: readonly (readonly [K, V | null])[]): Map<K, V> {
  return new Map(entries.filter((entry): entry is readonly [K, V] => entry[1] !== null))
}

/** The signed credential of `claims`. `kid` is the signing key's id. */
export function encodeCredential(claims: Ak1Claims, key: PrivateKey, kid: Uint8Array): Uint8Array {
  const nat = claims.nat === null ? null : [claims.nat.positive ? 1 : 0, claims.nat.sampledAt]
  const facts = present<number, unknown>([
    [1, nat],
    [2, claims.doses],
  ])
  const county = present<number, unknown>([
    [1, KINDS.indexOf(claims.kind) + 1],
    [2, claims.stamp === null ? null : [claims.stamp.colour, claims.stamp.asOf]],
    [3, claims.maskedName],
    [4, facts.size === 0 ? null : facts],
    [5, claims.status === null ? null : [claims.status.list, claims.status.index]],
    [6, claims.entitlements.length === 0 ? null : claims.entitlements.map(e => [e.scope, e.right, e.from, e.until])],
    [7, claims.paper ? true : null],
  ])
  const cnf =
    claims.phoneKey === null
      ? null
      : new Map([
          [
            1,
            new Map<number, unknown>([
              [1, 1],
              [-1, 6],
              [-2, claims.phoneKey],
            ]),
          ],
        ])
  const payload = present<number, unknown>([
    [1, claims.issuer],
    [2, claims.subject],
    [4, claims.expiresAt],
    [5, claims.notBefore],
    [6, claims.issuedAt],
    [7, claims.credentialId],
    [8, cnf],
    [-70001, county],
  ])
  return encodeSign1(encodeCbor(payload), key, CREDENTIAL_AAD, kid)
}

/** The phone's proof that it shows `credential` now. */
export function encodeProof(proof: Ak1Proof, credential: Uint8Array, phoneKey: PrivateKey): Uint8Array {
  const payload = present<number, unknown>([
    [3, proof.site],
    [6, proof.shownAt],
    [10, proof.challenge],
  ])
  return encodeSign1(encodeCbor(payload), phoneKey, proofAad(credential))
}

/** The QR text: a bearer code without, a phone's code with a proof. */
export function encodeAk1Text(credential: Uint8Array, proof?: Uint8Array): string {
  return `AK1:${encodeBase45(proof === undefined ? credential : encodeCbor([credential, proof]))}`
}
