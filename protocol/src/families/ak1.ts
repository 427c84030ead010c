/*
 * AK1, the county code. Source: formats.md §1.
 *
 *   QR text   AK1: + base45(BODY), BODY ≤ 1,024 bytes
 *   BODY      0xD2…  credential                       paper, or short-lived online
 *             0x82…  [ bstr credential, bstr proof ]  a phone is showing it now
 */

import { findSigner } from '../checks/signer.ts'
import { decodeBase45 } from '../codec/base45.ts'
import { utf8 } from '../codec/bytes.ts'
import { type Decoded, decodeCbor } from '../codec/cbor.ts'
import { asArray, asBytes } from '../codec/cbor-narrow.ts'
import { decodeProfiledSign1, type ProfiledSign1, verifySign1 } from '../codec/cose.ts'
import { importEd25519 } from '../crypto.ts'
import type { Claimed, Family, Verification, VerifyContext } from '../family.ts'
import type { Presentation } from '../presentation.ts'
import type { IssuerKey } from '../trust/trust.ts'
import { AK1_LIMITS, type Ak1Claims, type Ak1Proof, decodeClaims, decodeProof } from './ak1-claims.ts'
import { CREDENTIAL_AAD, proofAad } from './ak1-encode.ts'

const NAME = 'ak1'
const PREFIX = utf8('AK1:')
const MAX_BODY_BYTES = 1024
const PAIR_FIRST_BYTE = 0x82
const CREDENTIAL_FIRST_BYTE = 0xd2
/** A code that nothing binds to a phone or to paper may live this long. */
const MAX_BEARER_SECONDS = 600

interface Ak1Code {
  readonly credentialBytes: Uint8Array
  readonly credential: ProfiledSign1
  readonly claims: Ak1Claims
  readonly proof: { readonly message: ProfiledSign1; readonly content: Ak1Proof } | null
}

function splitBody(body: Uint8Array): { credential: Uint8Array; proof: Uint8Array | null } | null {
  if (body.length > MAX_BODY_BYTES) return null
  if (body[0] === CREDENTIAL_FIRST_BYTE) return { credential: body, proof: null }
  if (body[0] !== PAIR_FIRST_BYTE) return null
  const pair = decodeCbor(body, AK1_LIMITS)
  const parts = pair.ok ? asArray(pair.value) : null
  const credential = asBytes(parts?.[0])
  const proof = asBytes(parts?.[1])
  return parts?.length === 2 && credential !== null && proof !== null ? { credential, proof } : null
}

function decodeCode(bytes: Uint8Array): Decoded<Ak1Code> {
  const body = decodeBase45(bytes.subarray(PREFIX.length))
  if (body === null) return { ok: false, detail: 'not base45' }
  const split = splitBody(body)
  if (split === null) return { ok: false, detail: 'body is neither a credential nor credential and proof' }
  const credential = decodeProfiledSign1(split.credential, AK1_LIMITS, 'kid')
  if (!credential.ok) return { ok: false, detail: `credential: ${credential.detail}` }
  const claims = decodeClaims(credential.value.payload)
  if (!claims.ok) return claims
  const code = { credentialBytes: split.credential, credential: credential.value, claims: claims.value }
  if (split.proof === null) return { ok: true, value: { ...code, proof: null } }
  const message = decodeProfiledSign1(split.proof, AK1_LIMITS, 'no-kid')
  if (!message.ok) return { ok: false, detail: `proof: ${message.detail}` }
  const content = decodeProof(message.value.payload)
  if (!content.ok) return content
  return { ok: true, value: { ...code, proof: { message: message.value, content: content.value } } }
}

// ——— rows 6 to 13: delegation, time and proof, in the table's order ———

function mayNotSign({ claims }: Ak1Code, key: IssuerKey): boolean {
  return !key.kinds.has(claims.kind) || (claims.paper && !key.maySignPaper)
}

type Row = readonly [reason: string, fails: (code: Ak1Code, context: VerifyContext, key: IssuerKey) => boolean]

function proofVerifies(code: Ak1Code): boolean {
  if (code.proof === null || code.claims.phoneKey === null) return false
  const phoneKey = importEd25519(code.claims.phoneKey)
  return phoneKey !== null && verifySign1(code.proof.message, 'EdDSA', phoneKey, proofAad(code.credentialBytes))
}

const ROWS: readonly Row[] = [
  ['kind-not-delegated', (code, _, key) => mayNotSign(code, key)],
  [
    'not-yet-valid',
    ({ claims }, { now, policy }) => now + policy.futureSkewSeconds < (claims.notBefore ?? claims.issuedAt),
  ],
  ['expired', ({ claims }, { now }) => now >= claims.expiresAt],
  ['validity-too-long', ({ claims }, _, key) => claims.expiresAt - claims.issuedAt > longestValidity(claims, key)],
  ['proof-missing', ({ claims, proof }) => (claims.phoneKey === null) !== (proof === null)],
  ['proof-bad', code => code.proof !== null && !proofVerifies(code)],
  [
    'proof-stale',
    ({ proof }, { now, policy }) => proof !== null && now - proof.content.shownAt > policy.proofWindowSeconds,
  ],
  [
    'proof-future',
    ({ proof }, { now, policy }) => proof !== null && proof.content.shownAt - now > policy.futureSkewSeconds,
  ],
]

function longestValidity(claims: Ak1Claims, key: IssuerKey): number {
  const bearer = claims.phoneKey === null && !claims.paper
  return Math.min(key.maxValiditySeconds, bearer ? MAX_BEARER_SECONDS : Number.POSITIVE_INFINITY)
}

function present({ claims, proof }: Ak1Code, key: IssuerKey): Presentation {
  const citable = claims.status !== null && (key.statusLists === null || key.statusLists.has(claims.status.list))
  return {
    family: NAME,
    issuer: claims.issuer,
    issuerKid: key.kid,
    kind: claims.kind,
    credentialId: claims.credentialId,
    carrier: claims.paper ? 'paper' : proof === null ? 'online' : 'phone',
    shownAt: proof?.content.shownAt ?? null,
    expiresAt: claims.expiresAt,
    site: proof?.content.site ?? null,
    challenge: proof?.content.challenge ?? null,
    subject: claims.subject,
    maskedName: claims.maskedName,
    entitlements: claims.entitlements,
    account: null,
    health: {
      stamp: key.mayStampColour ? claims.stamp : null,
      status: citable ? claims.status : null,
      nat: key.mayStateFacts ? claims.nat : null,
    },
  }
}

function verify(code: Ak1Code, context: VerifyContext): Verification {
  const { credential, claims } = code
  const signer = findSigner(context, {
    kid: credential.kid ?? new Uint8Array(0),
    isIssuer: id => id === claims.issuer,
    family: NAME,
    algorithm: 'EdDSA',
    verifies: key => verifySign1(credential, 'EdDSA', key, CREDENTIAL_AAD),
    mayBeSignedBy: key => !mayNotSign(code, key),
  })
  if (!signer.ok) return { ok: false, reason: signer.reason, presentation: null }
  const presentation = present(code, signer.key)
  const failed = ROWS.find(([, fails]) => fails(code, context, signer.key))
  return failed === undefined ? { ok: true, presentation } : { ok: false, reason: failed[0], presentation }
}

/** The county code. */
export const ak1: Family = {
  name: NAME,
  claims: bytes => PREFIX.every((byte, index) => bytes[index] === byte),
  decode: (bytes): Decoded<Claimed> => {
    const code = decodeCode(bytes)
    return code.ok ? { ok: true, value: { family: NAME, verify: context => verify(code.value, context) } } : code
  },
  reasons: [],
}
