import { createHash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { type IdentityRefusal, type Refusal, refuse } from '../refusals.ts'

/** What the handshake has proved: the key of this certificate, and that our CA signed it. */
export interface ProvenCertificate {
  readonly ok: true
  /** SHA-256 of the DER, 32 bytes. */
  readonly fingerprint: Uint8Array
  readonly notAfterMs: number
}

/** Source: openssl-verification-options(1) and X509_STORE_CTX_get_error(3), the codes as Node passes them on. */
const REASONS: ReadonlyMap<string, IdentityRefusal> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate-of-another-ca'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'certificate-of-another-ca'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate-of-another-ca'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate-of-another-ca'],
  ['CERT_SIGNATURE_FAILURE', 'certificate-of-another-ca'],
  ['CERT_HAS_EXPIRED', 'certificate-expired'],
  ['CERT_NOT_YET_VALID', 'certificate-not-yet-valid'],
  ['INVALID_PURPOSE', 'certificate-purpose'],
])

/** Of a finished handshake that asked for a certificate and took any; null where none was shown. */
export function readClientCertificate(socket: TLSSocket): ProvenCertificate | Refusal | null {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  if (!socket.authorized) {
    const code = String(socket.authorizationError)
    const shown = `${JSON.stringify(certificate.subject)}, issued by ${JSON.stringify(certificate.issuer)}`
    return refuse(REASONS.get(code) ?? 'certificate-invalid', `${code}: ${shown}`)
  }
  const fingerprint = new Uint8Array(createHash('sha256').update(certificate.raw).digest())
  return { ok: true, fingerprint, notAfterMs: Date.parse(certificate.validTo) }
}
