/*
 * HC1, the EU Digital COVID Certificate: the model of a code from abroad. Source: formats.md §3.
 *
 *   text      HC1: + base45(zlib(COSE_Sign1))       61(18(…)), 18(…) or untagged · no external aad · ES256 or PS256
 *   headers   1 alg · 4 kid, each from the protected header, else from the unprotected one
 *   claims    1 iss? · 4 exp · -260 {1: {the certificate}}
 *
 * Hundreds of issuers write it in their own ways, so that what is not read is not judged: other headers and claims, their
 * tags and floats. What the certificate says of a person's health is not read at all.
 */
import { findSigner } from '../checks/signer.ts'
import { decodeBase45 } from '../codec/base45.ts'
import { concatBytes, fromHex, toHex, utf8 } from '../codec/bytes.ts'
import { CborFloat, type CborLimits, type CborValue, type Decoded, decodeCbor, Tagged } from '../codec/cbor.ts'
import { asMap, asText } from '../codec/cbor-narrow.ts'
import { decodeSignedCwt, type Sign1, sign1Algorithm, sign1KeyId, verifySign1 } from '../codec/cose.ts'
import { inflateBounded } from '../codec/inflate.ts'
import { sha256 } from '../crypto.ts'
import type { Family, Verification, VerifyContext } from '../family.ts'
import type { Presentation } from '../presentation.ts'
import { MAX_PRESENTED_BYTES } from '../presented.ts'
import type { IssuerKey } from '../trust/trust.ts'

const NAME = 'hc1'
const PREFIX = utf8('HC1:')
/** The largest certificate published is of 870 bytes. */
const MAX_MESSAGE_BYTES = 8192
const LIMITS: CborLimits = { maxBytes: MAX_MESSAGE_BYTES, maxDepth: 8, foreign: true }

const ISS = 1
const EXP = 4
const HEALTH_CERTIFICATE = -260
const EU_CERTIFICATE = 1
const TAG_EPOCH_TIME = 1

/** Id of a key in the trust file that is believed for whatever issuer its codes name. */
const ANY_ISSUER = '*'

interface Hc1Code {
  readonly message: Sign1
  /** A country, where the code names one: the claim is optional. */
  readonly issuer: string
  /** Unix seconds, perhaps with a fraction. */
  readonly expiresAt: number
}

/** A time as others write it: integer or float, in tag 1 or without. Null when it is none. */
function asTime(value: CborValue | undefined): number | null {
  const untagged = value instanceof Tagged && value.tag === TAG_EPOCH_TIME ? value.value : value
  const seconds = untagged instanceof CborFloat ? untagged.value : untagged
  return typeof seconds === 'number' && Math.abs(seconds) <= Number.MAX_SAFE_INTEGER ? seconds : null
}

function refused(detail: string): { ok: false; detail: string } {
  return { ok: false, detail }
}

function decodeCode(bytes: Uint8Array): Decoded<Hc1Code> {
  if (bytes.length > MAX_PRESENTED_BYTES) return refused(`over ${MAX_PRESENTED_BYTES} bytes`)
  const compressed = decodeBase45(bytes.subarray(PREFIX.length))
  if (compressed === null) return refused('not base45')
  const raw = inflateBounded(compressed, MAX_MESSAGE_BYTES)
  if (!raw.ok) return raw
  const message = decodeSignedCwt(raw.value, LIMITS)
  if (!message.ok) return message
  const payload = decodeCbor(message.value.payload, LIMITS)
  if (!payload.ok) return refused(`claims: ${payload.detail}`)
  const claims = asMap(payload.value)
  if (claims === null) return refused('payload is not a map')
  const issuer = claims.has(ISS) ? asText(claims.get(ISS)) : ''
  const expiresAt = asTime(claims.get(EXP))
  if (issuer === null) return refused('iss is not text')
  if (expiresAt === null) return refused('exp: missing, or no time')
  if (asMap(asMap(claims.get(HEALTH_CERTIFICATE))?.get(EU_CERTIFICATE)) === null) return refused('claim -260.1: no map')
  return { ok: true, value: { message: message.value, issuer, expiresAt } }
}

function idOf(signature: Uint8Array): Uint8Array {
  return sha256(signature).subarray(0, 16)
}

/** The order of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Of an ECDSA signature (r, s) anybody can make (r, n − s), which verifies too. Source: SEC 1 §4.1.4. */
function twinOf(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${toHex(signature.subarray(32))}`)
  return concatBytes(signature.subarray(0, 32), fromHex((ORDER - s).toString(16).padStart(64, '0')))
}

function present({ message, issuer, expiresAt }: Hc1Code, key: IssuerKey): Presentation {
  return {
    family: NAME,
    issuer,
    issuerKid: key.kid,
    kind: 'person',
    credentialId: idOf(message.signature),
    otherIds: key.algorithm === 'ES256' ? [idOf(twinOf(message.signature))] : [],
    // Most are printed, and nothing in the code tells which: all are treated alike.
    carrier: 'paper',
    shownAt: null,
    expiresAt: Math.floor(expiresAt),
    site: null,
    challenge: null,
    subject: null,
    maskedName: null,
    entitlements: [],
    account: null,
    health: null,
  }
}

/** Rows 3 to 6, and 8. When it was issued, and since when it is valid, is not asked. */
function verify(code: Hc1Code, context: VerifyContext): Verification {
  const { message, issuer } = code
  const kid = sign1KeyId(message)
  const algorithm = sign1Algorithm(message)
  if (kid === null || (algorithm !== 'ES256' && algorithm !== 'PS256'))
    return { ok: false, reason: 'unknown-issuer', presentation: null }
  const signer = findSigner(context, {
    kid,
    isIssuer: id => id === ANY_ISSUER || id === issuer,
    family: NAME,
    algorithm,
    verifies: key => verifySign1(message, algorithm, key),
    mayBeSignedBy: key => key.kinds.has('person'),
  })
  if (!signer.ok) return { ok: false, reason: signer.reason, presentation: null }
  const presentation = present(code, signer.key)
  if (!signer.key.kinds.has('person')) return { ok: false, reason: 'kind-not-delegated', presentation }
  // Valid in the second of its expiry too, unlike ours: so the EU's own cases have it.
  if (context.now > code.expiresAt) return { ok: false, reason: 'expired', presentation }
  return { ok: true, presentation }
}

/** The EU's certificate, standing for codes from abroad. */
export const hc1: Family = {
  name: NAME,
  claims: bytes => PREFIX.every((byte, index) => bytes[index] === byte),
  decode: bytes => {
    const code = decodeCode(bytes)
    return code.ok ? { ok: true, value: { family: NAME, verify: context => verify(code.value, context) } } : code
  },
  reasons: [],
}
