import { execFileSync } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { openCertificateAuthority } from '../../src/identity/certificate-authority.ts'
import { readCertificateRequest } from '../../src/identity/certificate-request.ts'
import { certificateRequest, lineKey } from '../fixtures/enrolling-box.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const DAY_MS = 86_400_000
const random = (lengthBytes: number): Uint8Array => new Uint8Array(randomBytes(lengthBytes))

function opened(folder: string, nowMs = Date.now()) {
  return openCertificateAuthority({ folder, nowMs: () => nowMs, random })
}

/** OpenSSL's own judgement on a chain, by its strictest rules. */
function verified(folder: string, certificatePem: string, purpose: 'sslserver' | 'sslclient'): string {
  const file = join(folder, `${purpose}.crt`)
  writeFileSync(file, certificatePem)
  const ca = join(folder, 'ca.crt')
  return execFileSync('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', ca, file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString()
}

async function requested(kind: 'Ed25519' | 'P-256' = 'Ed25519') {
  const csr = await readCertificateRequest(await certificateRequest(await lineKey(kind), 'CN=somebody-else'))
  if (!csr.ok) throw new RangeError(csr.detail)
  return csr.value
}

describe('the certificate authority', () => {
  it('is made where there is none, with a key that only its owner can read', async () => {
    const folder = join(tempFolder(), 'ca')
    const authority = await opened(folder)
    expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'ca.key'])
    expect(statSync(join(folder, 'ca.key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'ca.crt'), 'utf8')).toBe(authority.certificatePem)
    const text = execFileSync('openssl', ['x509', '-in', join(folder, 'ca.crt'), '-noout', '-text']).toString()
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\s/)
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\s/)
    expect(text).toMatch(/Subject: CN = Ankang Edge CA [0-9a-f]{8}\s/)
    expect(text).toMatch(/NIST CURVE: P-256/)
    const { validFrom, validTo } = new X509Certificate(authority.certificatePem)
    expect(Math.round((Date.parse(validTo) - Date.parse(validFrom)) / DAY_MS)).toBe(20 * 365)
  })

  it('is the same one when it is opened again, and when two open it at once', async () => {
    const folder = join(tempFolder(), 'ca')
    const together = await Promise.all([opened(folder), opened(folder), opened(folder)])
    const again = await opened(folder)
    expect(new Set([...together, again].map(({ certificatePem }) => certificatePem)).size).toBe(1)
    expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'ca.key'])
    expect(
      verified(folder, (await again.issueServerCertificate({ names: ['localhost'] })).certificatePem, 'sslserver'),
    ).toMatch(/: OK/)
  })

  it('gets its certificate when a fall came between key and certificate', async () => {
    const folder = join(tempFolder(), 'ca')
    await opened(folder)
    rmSync(join(folder, 'ca.crt'))
    const authority = await opened(folder)
    const { certificatePem } = await authority.issueClientCertificate({
      site: 'hall',
      device: 'hall-door-1',
      csr: await requested(),
    })
    expect(verified(folder, certificatePem, 'sslclient')).toMatch(/: OK/)
  })

  it.each([0o640, 0o604, 0o660])('is not opened with a key that others can read (%o)', async mode => {
    const folder = join(tempFolder(), 'ca')
    await opened(folder)
    chmodSync(join(folder, 'ca.key'), mode)
    await expect(opened(folder)).rejects.toMatchObject({ code: 'key-file-open', message: /chmod 600/ })
  })

  it('is not made anew beside a certificate that boxes have pinned', async () => {
    const folder = join(tempFolder(), 'ca')
    await opened(folder)
    rmSync(join(folder, 'ca.key'))
    await expect(opened(folder)).rejects.toMatchObject({ code: 'ca-key-missing' })
    expect(readdirSync(folder)).toEqual(['ca.crt'])
  })

  it('is refused when key and certificate are not a pair, or are nothing at all', async () => {
    const [one, other] = [join(tempFolder(), 'ca'), join(tempFolder(), 'ca')]
    await opened(one)
    await opened(other)
    writeFileSync(join(one, 'ca.crt'), readFileSync(join(other, 'ca.crt')))
    await expect(opened(one)).rejects.toMatchObject({ code: 'ca-certificate-invalid' })
    writeFileSync(join(one, 'ca.crt'), 'nothing')
    await expect(opened(one)).rejects.toMatchObject({ code: 'ca-certificate-invalid' })
    writeFileSync(join(one, 'ca.key'), 'nothing')
    await expect(opened(one)).rejects.toMatchObject({ code: 'ca-key-invalid' })
  })

  it('is refused when what stands there signs for a server and not for others', async () => {
    const folder = join(tempFolder(), 'ca')
    const { certificatePem, keyPem } = await (await opened(folder)).issueServerCertificate({ names: ['localhost'] })
    const fake = join(tempFolder(), 'ca')
    mkdirSync(fake)
    writeFileSync(join(fake, 'ca.crt'), certificatePem)
    writeFileSync(join(fake, 'ca.key'), keyPem, { mode: 0o600 })
    await expect(opened(fake)).rejects.toMatchObject({ code: 'ca-certificate-invalid' })
  })

  it('is refused once it has run out', async () => {
    const folder = join(tempFolder(), 'ca')
    await opened(folder, Date.now() - 21 * 365 * DAY_MS)
    await expect(opened(folder)).rejects.toMatchObject({ code: 'ca-certificate-invalid', message: /ran out/ })
  })
})

describe('a server certificate', () => {
  it('answers for names and addresses, and for nothing but a server, no longer than browsers allow', async () => {
    const folder = tempFolder()
    const authority = await opened(folder)
    const names = ['localhost', 'centre.example.cn', '127.0.0.1', '::1']
    const { certificatePem, keyPem, notAfterMs } = await authority.issueServerCertificate({ names })
    expect(verified(folder, certificatePem, 'sslserver')).toMatch(/: OK/)
    expect(() => verified(folder, certificatePem, 'sslclient')).toThrow()
    const certificate = new X509Certificate(certificatePem)
    expect(certificate.checkHost('centre.example.cn')).toBe('centre.example.cn')
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.checkHost('elsewhere.example.cn')).toBeUndefined()
    expect(Date.parse(certificate.validTo)).toBe(notAfterMs)
    expect(notAfterMs - Date.parse(certificate.validFrom)).toBeLessThanOrEqual(398 * DAY_MS - 1000)
    expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  })
})

describe("a box's certificate", () => {
  it.each(['Ed25519', 'P-256'] as const)('is for its %s key, and names what the centre says it is', async kind => {
    const folder = tempFolder()
    const now = Date.now()
    const authority = await opened(folder, now)
    const csr = await requested(kind)
    const issued = await authority.issueClientCertificate({ site: 'hall', device: 'hall-door-1', csr })
    expect(verified(folder, issued.certificatePem, 'sslclient')).toMatch(/: OK/)
    expect(() => verified(folder, issued.certificatePem, 'sslserver')).toThrow()
    const certificate = new X509Certificate(issued.certificatePem)
    expect(certificate.subject).toBe('O=hall\nCN=hall-door-1')
    expect(certificate.publicKey.equals(csr.key)).toBe(true)
    expect(certificate.ca).toBe(false)
    expect(certificate.serialNumber.toLowerCase()).toBe(issued.serial)
    expect(issued.serial).toMatch(/^[0-9a-f]{32}$/)
    expect(certificate.fingerprint256.replace(/:/g, '').toLowerCase()).toBe(toHex(issued.fingerprint))
    expect(now - Date.parse(certificate.validFrom)).toBeGreaterThanOrEqual(5 * 60_000)
    expect(issued.notAfterMs - Date.parse(certificate.validFrom)).toBe(90 * DAY_MS)
  })

  it('has a serial of its own each time, and no longer life than its authority', async () => {
    const folder = tempFolder()
    await opened(folder, Date.now() - (20 * 365 - 10) * DAY_MS)
    const authority = await opened(folder)
    const wanted = { site: 'hall', device: 'hall-door-1', csr: await requested() }
    const issued = await Promise.all(Array.from({ length: 8 }, () => authority.issueClientCertificate(wanted)))
    expect(new Set(issued.map(({ serial }) => serial)).size).toBe(8)
    const end = Date.parse(new X509Certificate(authority.certificatePem).validTo)
    for (const { notAfterMs } of issued) expect(notAfterMs).toBe(end)
  })
})
