import { X509Certificate } from 'node:crypto'
import type { CertificateFacts, Certificates } from '../../ports/certificates.ts'

function parse(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null // an outcome of its own: the caller says what was expected
  }
}

/** One attribute of a subject that Node gives as `KEY=value` lines. */
function attribute(subject: string | undefined, key: string): string | null {
  const line = subject?.split('\n').find(part => part.startsWith(`${key}=`))
  return line === undefined ? null : line.slice(key.length + 1)
}

function read(pem: string): CertificateFacts | null {
  const certificate = parse(pem)
  if (certificate === null) return null
  const { raw, subject, serialNumber, validFrom, validTo } = certificate
  return {
    der: new Uint8Array(raw),
    pem: certificate.toString(),
    device: attribute(subject, 'CN'),
    site: attribute(subject, 'O'),
    serial: serialNumber.toLowerCase(),
    notBeforeMs: Date.parse(validFrom),
    notAfterMs: Date.parse(validTo),
  }
}

/** Certificates by Node's own reader; requests by a library that is loaded when the first one is made, a few times in a box's life. */
export const certificates: Certificates = {
  request: async (address, lineKey) =>
    (await import('./certificate-request.ts')).makeCertificateRequest(address, lineKey),
  read,
  isFor: (pem, ca, lineKey) => {
    const certificate = parse(pem)
    const authority = parse(ca)
    if (certificate === null || authority === null) return false
    return certificate.verify(authority.publicKey) && certificate.checkPrivateKey(lineKey)
  },
}
