import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { CertificateAuthority, IssuedServerCertificate } from './certificate-authority.ts'
import { readIfThere, readPrivateIfThere, replaceFile } from './private-file.ts'

interface KeptCertificateParts {
  readonly authority: CertificateAuthority
  /** HOME/controller. */
  readonly folder: string
  /** DNS names and addresses, at least one. */
  readonly names: readonly string[]
  readonly nowMs: () => number
}

/** A third of its life is left to notice that renewing fails. */
const RENEWED_BELOW = 1 / 3

function answersFor(certificate: X509Certificate, names: readonly string[]): boolean {
  return names.every(name =>
    isIP(name) === 0
      ? certificate.checkHost(name, { subject: 'never' }) !== undefined
      : certificate.checkIP(name) !== undefined,
  )
}

function isGood(certificatePem: string, keyPem: string, { authority, names, nowMs }: KeptCertificateParts): boolean {
  try {
    const certificate = new X509Certificate(certificatePem)
    const from = Date.parse(certificate.validFrom)
    const to = Date.parse(certificate.validTo)
    const left = (to - nowMs()) / (to - from)
    const issuer = createPublicKey(authority.certificatePem)
    return (
      left > RENEWED_BELOW &&
      left <= 1 &&
      certificate.verify(issuer) &&
      certificate.checkPrivateKey(createPrivateKey(keyPem)) &&
      answersFor(certificate, names)
    )
  } catch {
    return false // whatever cannot be read is made anew, which is all that is done with a bad one
  }
}

/**
 * The certificate under which this machine answers, from server.crt and server.key of the folder; a new one where it is
 * missing, names somebody else, is another authority's or has a third of its life left. Ask again daily. Throws
 * `key-file-open`, `file-unreadable`, `file-unwritable`.
 */
export async function keepServerCertificate(parts: KeptCertificateParts): Promise<IssuedServerCertificate> {
  const certificateFile = join(parts.folder, 'server.crt')
  const keyFile = join(parts.folder, 'server.key')
  const keyPem = await readPrivateIfThere(keyFile)
  const certificatePem = await readIfThere(certificateFile)
  if (keyPem !== null && certificatePem !== null && isGood(certificatePem, keyPem, parts))
    return { certificatePem, keyPem, notAfterMs: Date.parse(new X509Certificate(certificatePem).validTo) }
  const issued = await parts.authority.issueServerCertificate({ names: parts.names })
  // a fall between the two leaves a pair that does not fit, which is replaced the next time
  await replaceFile(keyFile, issued.keyPem, 0o600)
  await replaceFile(certificateFile, issued.certificatePem, 0o644)
  return issued
}
