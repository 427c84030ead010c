import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCertificateRequest } from '../../src/identity/certificate-request.ts'
import { certificateRequest, derOf, lineKey, pemOf } from '../fixtures/enrolling-box.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

/** Where the part that the key signs ends; both lengths are short here. */
function signedEnd(der: Uint8Array): number {
  const start = der[1] === 0x81 ? 3 : 2
  const isShort = (der[start + 1] ?? 0) < 0x80
  return start + (isShort ? 2 + (der[start + 1] ?? 0) : 3 + (der[start + 2] ?? 0))
}

describe('a certificate request', () => {
  it.each(['Ed25519', 'P-256'] as const)('with a key of %s is read', async kind => {
    const pem = await certificateRequest(await lineKey(kind))
    const read = await readCertificateRequest(pem)
    expect(read.ok && read.value.key.asymmetricKeyType).toBe(kind === 'Ed25519' ? 'ed25519' : 'ec')
    expect(read.ok && Buffer.from(read.value.der).equals(derOf(pem))).toBe(true)
  })

  it.each(['P-384', 'RSA'] as const)('with a key of %s is refused', async kind => {
    const read = await readCertificateRequest(await certificateRequest(await lineKey(kind)))
    expect(read).toEqual({ ok: false, detail: 'expected a key of Ed25519 or P-256' })
  })

  it('made by OpenSSL is read as well, whatever it asks for besides', async () => {
    const folder = tempFolder()
    const [key, csr] = [join(folder, 'key'), join(folder, 'csr')]
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key])
    const wishes = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'subjectAltName=DNS:centre.example.cn']
    execFileSync('openssl', ['req', '-new', '-key', key, '-subj', '/CN=x', ...wishes, '-out', csr])
    const pem = execFileSync('cat', [csr]).toString()
    expect((await readCertificateRequest(pem)).ok).toBe(true)
  })

  it('signed by another key than the one it holds is refused', async () => {
    const [mine, other] = [await lineKey(), await lineKey()]
    const keys = { privateKey: other.keys.privateKey, publicKey: mine.keys.publicKey }
    const read = await readCertificateRequest(await certificateRequest({ ...mine, keys }))
    expect(read).toEqual({ ok: false, detail: 'its signature is not by its key' })
  })

  it.each(['Ed25519', 'P-256'] as const)(
    'of %s with a bit turned is refused, or its key and proof are the same',
    async kind => {
      const pem = await certificateRequest(await lineKey(kind))
      const der = derOf(pem)
      const whole = await readCertificateRequest(pem)
      const signedBytes = signedEnd(der)
      await fc.assert(
        fc.asyncProperty(fc.nat({ max: der.length * 8 - 1 }), async bit => {
          const turned = Uint8Array.from(der)
          turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          const read = await readCertificateRequest(pemOf(turned))
          // around the signature DER has bits that say nothing; the countersignature covers them
          if (bit >> 3 < signedBytes) expect(read.ok).toBe(false)
          else expect(!read.ok || (whole.ok && read.value.key.equals(whole.value.key))).toBe(true)
        }),
        { numRuns: 300 },
      )
    },
  )

  it('that is cut off, goes on after its end, or is any bytes at all is refused', async () => {
    const der = derOf(await certificateRequest(await lineKey()))
    for (let length = 0; length < der.length; length++)
      expect((await readCertificateRequest(pemOf(der.subarray(0, length)))).ok).toBe(false)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async bytes => {
        expect((await readCertificateRequest(pemOf(Buffer.concat([der, bytes])))).ok).toBe(false)
        expect((await readCertificateRequest(pemOf(bytes))).ok).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('is refused as text that is not one PEM block of bounded size', async () => {
    const pem = await certificateRequest(await lineKey())
    const long = pemOf(new Uint8Array(5000))
    for (const text of ['', 'x', `${pem}\n${pem}`, pem.replace(/ REQUEST/g, ''), long, `x${pem}`])
      expect((await readCertificateRequest(text)).ok).toBe(false)
    expect((await readCertificateRequest(`${pem}\n`)).ok).toBe(true)
  })

  it('is not read from a certificate', async () => {
    const folder = tempFolder()
    const file = join(folder, 'c')
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=x', '-keyout', `${file}.key`, '-out', file],
      {
        stdio: 'ignore',
      },
    )
    const certificate = new X509Certificate(execFileSync('cat', [file]))
    writeFileSync(`${file}.der`, certificate.raw)
    expect((await readCertificateRequest(pemOf(certificate.raw))).ok).toBe(false)
  })
})
