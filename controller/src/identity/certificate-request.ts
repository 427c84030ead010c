import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Decoded, describeError } from '@ankang/protocol'
import { x509 } from './x509.ts'

/** What somebody asks to be certified: a key, and the proof of holding its other half. Whom it names is not asked. */
export interface CertificateRequest {
  readonly der: Uint8Array
  /** Ed25519 or P-256. */
  readonly key: KeyObject
}

const PEM = /^-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/
/** Ten times what a request for such keys needs. */
const MAX_DER_BYTES = 4096

/** The length that the outermost SEQUENCE states for itself, its header included. Source: X.690 §8.1.3. */
function statedLength(der: Uint8Array): number | null {
  const [tag, first = 0] = der
  if (tag !== 0x30) return null
  if (first < 0x80) return 2 + first
  const digits = first & 0x7f
  if (digits < 1 || digits > 2) return null
  return 2 + digits + der.subarray(2, 2 + digits).reduce((sum, byte) => sum * 256 + byte, 0)
}

function keyOf(spki: ArrayBuffer): KeyObject | null {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  if (key.asymmetricKeyType === 'ed25519') return key
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
}

/** Reads a PKCS#10 request and checks that the key in it has signed it. Never throws on what it is given. */
export async function readCertificateRequest(pem: string): Promise<Decoded<CertificateRequest>> {
  const base64 = pem.length <= MAX_DER_BYTES * 2 ? PEM.exec(pem)?.[1] : undefined
  if (base64 === undefined)
    return { ok: false, detail: `expected one CERTIFICATE REQUEST in PEM, up to ${MAX_DER_BYTES} bytes` }
  const der = new Uint8Array(Buffer.from(base64, 'base64'))
  if (der.length > MAX_DER_BYTES || statedLength(der) !== der.length)
    return { ok: false, detail: 'expected one DER sequence of the length it states' }
  try {
    const request = new x509.Pkcs10CertificateRequest(der)
    const key = keyOf(request.publicKey.rawData)
    if (key === null) return { ok: false, detail: 'expected a key of Ed25519 or P-256' }
    if (!(await request.verify())) return { ok: false, detail: 'its signature is not by its key' }
    return { ok: true, value: { der, key } }
  } catch (error) {
    return { ok: false, detail: describeError(error).slice(0, 200) }
  }
}
