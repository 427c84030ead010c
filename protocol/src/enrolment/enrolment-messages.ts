/*
 * What a box and the centre say to each other over HTTPS when it is enrolled and when its certificate is renewed. JSON; both
 * requests carry a certificate request (PKCS#10, PEM) signed by the key of the line, and countersigned by the device key,
 * which need not be the same.
 *
 *   GET  /enrolment/anchors                          → {ca, trust}: to be believed only when the code's pin fits both
 *   POST /enrolment          enrolmentRequest         → enrolmentAnswer, once per code
 *   POST /enrolment/renewal  renewalRequest           → enrolmentAnswer, for as long as the box is not revoked
 */
import * as v from 'valibot'
import { concatBytes, fromHex, toHex, utf8 } from '../codec/bytes.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { importEd25519, type PrivateKey, sha256, signEd25519, verifySignature } from '../crypto.ts'
import { isTopicId } from '../topics/topics.ts'
import { isWeakPublicKey } from './weak-keys.ts'

const topicId = v.pipe(v.string(), v.check(isTopicId, 'expected an id of a-z, 0-9 and -'))
const hexOf = (lengthBytes: number) =>
  v.pipe(v.string(), v.regex(/^[0-9a-f]*$/, 'expected hex'), v.length(lengthBytes * 2))
const pem = v.pipe(v.string(), v.maxLength(8192), v.startsWith('-----BEGIN CERTIFICATE'))
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0))

export const enrolmentAnchors = v.strictObject({ ca: pem, trust: v.pipe(v.string(), v.maxLength(16 * 1024 * 1024)) })
export type EnrolmentAnchors = v.InferOutput<typeof enrolmentAnchors>

const requestFields = {
  site: topicId,
  device: topicId,
  /** The device key, raw Ed25519: what signs records and results. */
  publicKey: hexOf(32),
  csr: pem,
  /** Unix seconds of the box, whose clock may be wrong. */
  issuedAt: seconds,
  countersignature: hexOf(64),
}

export const enrolmentRequest = v.strictObject({ ...requestFields, secret: hexOf(16) })
export type EnrolmentRequest = v.InferOutput<typeof enrolmentRequest>

export const renewalRequest = v.strictObject(requestFields)
export type RenewalRequest = v.InferOutput<typeof renewalRequest>

export const enrolmentAnswer = v.strictObject({ certificate: pem, ca: pem, notAfter: seconds })
export type EnrolmentAnswer = v.InferOutput<typeof enrolmentAnswer>

/** Every refusal; the first five are about the code. */
export const ENROLMENT_REFUSALS = [
  'code-unknown',
  'code-used',
  'code-expired',
  'code-of-another-device',
  'too-many-tries',
  'csr-invalid',
  'countersignature-bad',
  'device-unknown',
  'device-revoked',
  'wrong-key',
] as const
export type EnrolmentRefusal = (typeof ENROLMENT_REFUSALS)[number]

type Countersigned = Pick<RenewalRequest, 'site' | 'device' | 'publicKey' | 'issuedAt'>

function signedBytes({ site, device, publicKey, issuedAt }: Countersigned, csrDer: Uint8Array): Uint8Array {
  const domain = utf8('ankang/v1 enrolment')
  return concatBytes(domain, encodeCbor([site, device, fromHex(publicKey), issuedAt, sha256(csrDer)]))
}

/** The device key's word that the certificate asked for is for its own line. Hex. */
export function countersign(request: Countersigned, csrDer: Uint8Array, deviceKey: PrivateKey): string {
  return toHex(signEd25519(deviceKey, signedBytes(request, csrDer)))
}

export function isCountersigned(request: RenewalRequest, csrDer: Uint8Array): boolean {
  const publicKey = fromHex(request.publicKey)
  const key = isWeakPublicKey(publicKey) ? null : importEd25519(publicKey)
  return key !== null && verifySignature('EdDSA', key, signedBytes(request, csrDer), fromHex(request.countersignature))
}
