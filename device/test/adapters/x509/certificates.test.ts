import 'reflect-metadata'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certificates } from '../../../src/adapters/x509/certificates.ts'
import { lineKey } from '../../fixtures/enrolling-box.ts'
import { makeAuthority } from '../../fixtures/test-authority.ts'
import { derOf } from '../../fixtures/test-centre.ts'
import { deviceKey } from '../../fixtures/test-world.ts'

const ADDRESS = { site: 'hall', device: 'door-1' }

describe('a certificate request', () => {
  it.each([
    ['P-256', lineKey()],
    ['Ed25519', deviceKey],
  ])('of a %s key names the box, holds its key and is signed by it', async (_, key) => {
    const { pem, der } = await certificates.request(ADDRESS, key)
    const request = new x509.Pkcs10CertificateRequest(pem)
    expect(await request.verify()).toBe(true)
    expect(request.subject).toBe('O=hall, CN=door-1')
    expect(Buffer.from(request.publicKey.rawData)).toEqual(createPublicKey(key).export({ format: 'der', type: 'spki' }))
    expect(Buffer.from(der)).toEqual(Buffer.from(derOf(pem)))
  })

  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ])('is not made of a %s key', async (_, key) => {
    await expect(certificates.request(ADDRESS, key)).rejects.toMatchObject({ code: 'line-key-unsuited' })
  })
})

describe('a certificate', () => {
  it('is read for whom it is, and from when until when', async () => {
    const authority = await makeAuthority()
    const fromMs = 1_700_000_000_000
    const { certificate } = await authority.client('door-1', { site: 'hall', fromMs, days: 2 })
    expect(certificates.read(certificate)).toMatchObject({
      ...ADDRESS,
      notBeforeMs: fromMs,
      notAfterMs: fromMs + 2 * 86_400_000,
      serial: expect.stringMatching(/^4[0-9a-f]{15}$/),
    })
  })

  it('is the first where several stand in one text, and that one alone', async () => {
    const [one, two] = [await makeAuthority(), await makeAuthority()]
    const read = certificates.read(`${one.ca}${two.ca}`)
    expect(read?.pem.match(/BEGIN/g)).toHaveLength(1)
    expect(read?.der).toEqual(certificates.read(one.ca)?.der)
  })

  it('is for a key only when its authority signed it for that key', async () => {
    const [county, other] = [await makeAuthority(), await makeAuthority()]
    const key = lineKey()
    const { pem } = await certificates.request(ADDRESS, key)
    const certificate = await county.sign(pem, 'door-1', { site: 'hall' })
    const verdicts = [
      certificates.isFor(certificate, county.ca, key),
      certificates.isFor(certificate, other.ca, key),
      certificates.isFor(certificate, county.ca, lineKey()),
      certificates.isFor('', county.ca, key),
      certificates.isFor(certificate, '', key),
    ]
    expect(verdicts).toEqual([true, false, false, false, false])
  })

  it('with any bit turned, or cut off anywhere, is none, or is nobody’s', async () => {
    const county = await makeAuthority()
    const key = lineKey()
    const { pem } = await certificates.request(ADDRESS, key)
    const der = derOf(await county.sign(pem, 'door-1', { site: 'hall' }))
    const asPem = (bytes: Uint8Array) =>
      `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`
    expect(certificates.isFor(asPem(der), county.ca, key)).toBe(true)
    for (let bit = 0; bit < der.length * 8; bit++) {
      const turned = Uint8Array.from(der)
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      certificates.read(asPem(turned))
      if (certificates.isFor(asPem(turned), county.ca, key)) expect.fail(`with bit ${bit} turned it is still good`)
    }
    for (let length = 0; length < der.length; length++)
      expect(certificates.read(asPem(der.subarray(0, length)))).toBeNull()
  })

  it('may be any text, and is none then', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(certificates.read(text)).toBeNull()
      }),
    )
  })
})
