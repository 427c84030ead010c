import { createHash, createPrivateKey, createPublicKey, webcrypto as crypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { toHex, UsageError } from '@ankang/protocol'
import type { CertificateRequest } from './certificate-request.ts'
import { readIfThere, readPrivateIfThere, settleFile } from './private-file.ts'
import { x509 } from './x509.ts'

/** Browsers take no Ed25519, so the authority and the server speak P-256. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 20 * 365
/** One less than what browsers refuse. Source: CA/Browser Forum Baseline Requirements §6.3.2. */
const SERVER_DAYS = 397
const CLIENT_DAYS = 90
/** For clocks that are behind. */
const BACKDATED_MS = 5 * 60_000
/** X.509 has no milliseconds. */
const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000

export interface IssuedServerCertificate {
  readonly certificatePem: string
  /** PKCS#8, P-256. */
  readonly keyPem: string
  readonly notAfterMs: number
}

export interface IssuedClientCertificate {
  readonly certificatePem: string
  /** SHA-256 of the DER, 32 bytes. */
  readonly fingerprint: Uint8Array
  /** Hex of 16 random bytes. */
  readonly serial: string
  readonly issuedMs: number
  readonly notAfterMs: number
}

/** What makes a box or a server one of this county's. */
export interface CertificateAuthority {
  readonly certificatePem: string
  readonly certificateDer: Uint8Array
  /** `names` are DNS names and IP addresses, at least one. */
  issueServerCertificate(wanted: { readonly names: readonly string[] }): Promise<IssuedServerCertificate>
  /** The subject is what is said here; whatever the request calls itself does not matter. */
  issueClientCertificate(wanted: {
    readonly site: string
    readonly device: string
    readonly csr: CertificateRequest
  }): Promise<IssuedClientCertificate>
}

export interface AuthorityOptions {
  /** HOME/ca. */
  readonly folder: string
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

/** 16 random bytes that are a positive number in DER and not shortened by it. Source: RFC 5280 §4.1.2.2. */
function newSerial(random: AuthorityOptions['random']): string {
  const bytes = Uint8Array.from(random(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return toHex(bytes)
}

async function newKeyPem(): Promise<string> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()
}

interface KeyHalves {
  readonly signing: crypto.CryptoKey
  readonly verifying: crypto.CryptoKey
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer
}

async function readKey(file: string, pem: string): Promise<KeyHalves> {
  try {
    const key = createPrivateKey(pem)
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
    const pkcs8 = key.export({ format: 'der', type: 'pkcs8' })
    const signing = await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign'])
    const verifying = await crypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify'])
    return { signing, verifying, spki }
  } catch (error) {
    throw new UsageError('ca-key-invalid', `${file}: expected an ECDSA P-256 private key as PKCS#8 PEM`, {
      cause: error,
      details: { file },
    })
  }
}

async function makeAuthorityCertificate(keys: KeyHalves, options: AuthorityOptions): Promise<string> {
  const now = wholeSecond(options.nowMs())
  const name = `CN=Ankang Edge CA ${createHash('sha256').update(keys.spki).digest('hex').slice(0, 8)}`
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(options.random),
    name,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys: { privateKey: keys.signing, publicKey: keys.verifying },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.verifying),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** Throws `ca-certificate-invalid`: what devices have pinned must be what signs. */
function checkPair(file: string, pem: string, { spki }: KeyHalves, nowMs: number): X509Certificate {
  const fault = (detail: string, cause?: unknown): UsageError =>
    new UsageError(
      'ca-certificate-invalid',
      `${file}: ${detail}; restore ca.crt and ca.key together from a backup, a new authority means enrolling every device again`,
      { ...(cause === undefined ? {} : { cause }), details: { file } },
    )
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch (error) {
    throw fault('expected a certificate in PEM', error)
  }
  if (!certificate.ca) throw fault('expected the certificate of an authority')
  if (!certificate.publicKey.export({ format: 'der', type: 'spki' }).equals(spki))
    throw fault('expected the certificate of the key in ca.key, it holds another key')
  if (Date.parse(certificate.validTo) <= nowMs) throw fault(`it ran out on ${certificate.validTo}`)
  return certificate
}

/**
 * Opens the authority in a folder, making it where there is none; two processes at once end with the same one. Throws
 * `key-file-open`, `ca-key-missing`, `ca-key-invalid`, `ca-certificate-invalid`, `file-unreadable`, `file-unwritable`.
 */
export async function openCertificateAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
  const { folder, nowMs } = options
  const keyFile = join(folder, 'ca.key')
  const certificateFile = join(folder, 'ca.crt')
  const keyThere = await readPrivateIfThere(keyFile)
  const certificateThere = await readIfThere(certificateFile)
  if (keyThere === null && certificateThere !== null)
    throw new UsageError(
      'ca-key-missing',
      `${keyFile}: expected the key of ca.crt beside it; restore it from a backup, a new authority means enrolling every device again`,
      { details: { file: keyFile } },
    )
  const keys = await readKey(keyFile, keyThere ?? (await settleFile(keyFile, await newKeyPem(), 0o600)))
  const certificatePem =
    certificateThere ?? (await settleFile(certificateFile, await makeAuthorityCertificate(keys, options), 0o644))
  const own = checkPair(certificateFile, certificatePem, keys, nowMs())
  return new FolderAuthority(certificatePem, own, keys, options)
}

class FolderAuthority implements CertificateAuthority {
  readonly certificatePem: string
  readonly certificateDer: Uint8Array
  readonly #own: X509Certificate
  readonly #keys: KeyHalves
  readonly #options: AuthorityOptions

  constructor(certificatePem: string, own: X509Certificate, keys: KeyHalves, options: AuthorityOptions) {
    this.certificatePem = certificatePem
    this.certificateDer = new Uint8Array(own.raw)
    this.#own = own
    this.#keys = keys
    this.#options = options
  }

  async issueServerCertificate({ names }: { readonly names: readonly string[] }): Promise<IssuedServerCertificate> {
    const keyPem = await newKeyPem()
    const spki = createPublicKey(keyPem).export({ format: 'der', type: 'spki' })
    const alternatives = names.map(name => ({
      type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const),
      value: name,
    }))
    const { certificate, notAfterMs } = await this.#issue({
      subject: [{ CN: [names[0] ?? 'localhost'] }],
      spki,
      days: SERVER_DAYS,
      extensions: [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(alternatives),
      ],
    })
    return { certificatePem: `${certificate.toString('pem')}\n`, keyPem, notAfterMs }
  }

  async issueClientCertificate(wanted: {
    readonly site: string
    readonly device: string
    readonly csr: CertificateRequest
  }): Promise<IssuedClientCertificate> {
    const { site, device, csr } = wanted
    const { certificate, serial, issuedMs, notAfterMs } = await this.#issue({
      subject: [{ O: [site] }, { CN: [device] }],
      spki: csr.key.export({ format: 'der', type: 'spki' }),
      days: CLIENT_DAYS,
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    })
    const fingerprint = new Uint8Array(createHash('sha256').update(Buffer.from(certificate.rawData)).digest())
    return { certificatePem: `${certificate.toString('pem')}\n`, fingerprint, serial, issuedMs, notAfterMs }
  }

  async #issue(wanted: {
    readonly subject: x509.JsonName
    readonly spki: Buffer
    readonly days: number
    readonly extensions: readonly x509.Extension[]
  }) {
    const issuedMs = this.#options.nowMs()
    const now = wholeSecond(issuedMs)
    // a certificate that outlives its authority would fail on a day nobody expects
    const notAfterMs = Math.min(now - BACKDATED_MS + wanted.days * DAY_MS, Date.parse(this.#own.validTo))
    const serial = newSerial(this.#options.random)
    const publicKey = new x509.PublicKey(new Uint8Array(wanted.spki))
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: wanted.subject,
      issuer: new x509.X509Certificate(this.#own.raw).subjectName,
      notBefore: new Date(now - BACKDATED_MS),
      notAfter: new Date(notAfterMs),
      publicKey,
      signingKey: this.#keys.signing,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...wanted.extensions,
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.verifying),
      ],
    })
    return { certificate, serial, issuedMs, notAfterMs }
  }
}
