import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  exportEd25519,
  exportPrivateKeyPem,
  fromHex,
  hmacSha256,
  importEd25519,
  importPrivateKeyPem,
  importPublicKey,
  keyId,
  privateKeyFromSeed,
  sha256,
  signEd25519,
  toHex,
  utf8,
  verifySignature,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requirement } from '../../scripts/testing/requirements.ts'

const vectors = requirement('vectors')

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly msg: string
      readonly sig: string
      readonly result: string
    }[]
  }[]
}

describe('Ed25519', () => {
  vectors.it('agrees with all 151 Wycheproof vectors', () => {
    const file: WycheproofFile = JSON.parse(
      readFileSync(join(vectors.value, 'wycheproof', 'ed25519_test.json'), 'utf8'),
    )
    const agreed = file.testGroups.flatMap(({ publicKey, tests }) => {
      const key = importEd25519(fromHex(publicKey.pk))
      return tests.map(({ tcId, msg, sig, result }) => {
        const accepted = key !== null && verifySignature('EdDSA', key, fromHex(msg), fromHex(sig))
        expect(accepted, `tcId ${tcId}`).toBe(result === 'valid')
        return tcId
      })
    })
    expect(agreed).toHaveLength(151)
  })

  it('makes the signature of RFC 8032 §7.1, test 2', () => {
    const key = privateKeyFromSeed(fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
    expect(toHex(exportEd25519(key))).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    expect(toHex(signEd25519(key, fromHex('72')))).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
  })

  it('takes 32 bytes for a key and nothing else', () => {
    for (const lengthBytes of [0, 31, 33, 57]) expect(importEd25519(new Uint8Array(lengthBytes))).toBeNull()
    expect(importEd25519(exportEd25519(privateKeyFromSeed(new Uint8Array(32))))).not.toBeNull()
  })

  it('answers no, and never throws, whatever the signature and the key are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 80 }),
        (raw, signature) => {
          const key = importEd25519(raw)
          if (key !== null) expect(verifySignature('EdDSA', key, utf8('message'), signature)).toBe(false)
        },
      ),
    )
  })

  it('keeps a private key through PEM, and refuses what is none', () => {
    const key = privateKeyFromSeed(new Uint8Array(32).fill(5))
    expect(exportEd25519(importPrivateKeyPem(exportPrivateKeyPem(key)))).toEqual(exportEd25519(key))
    expect(() => importPrivateKeyPem('no key')).toThrow(
      expect.objectContaining({ code: 'private-key-expected', message: expect.stringContaining('openssl genpkey') }),
    )
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    expect(() => importPrivateKeyPem(exportPrivateKeyPem(privateKey))).toThrow('got another key type')
  })
})

const spki = (key: ReturnType<typeof createPublicKey>) => new Uint8Array(key.export({ format: 'der', type: 'spki' }))

describe('the other algorithms of trust files', () => {
  it('verifies ES256 in the form COSE writes it, and only over P-256', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    const key = importPublicKey('ES256', spki(publicKey))
    const message = utf8('message')
    const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const der = sign('sha256', message, { key: privateKey, dsaEncoding: 'der' })
    expect(key !== null && verifySignature('ES256', key, message, raw)).toBe(true)
    expect(key !== null && verifySignature('ES256', key, utf8('massage'), raw)).toBe(false)
    expect(key !== null && verifySignature('ES256', key, message, der)).toBe(false)
    expect(importPublicKey('ES256', spki(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey))).toBeNull()
  })

  it('verifies PS256 with the salt length RFC 8230 fixes, and no other', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = importPublicKey('PS256', spki(publicKey))
    const message = utf8('message')
    const signed = (saltLength: number) => sign('sha256', message, { key: privateKey, padding: 6, saltLength })
    expect(key !== null && verifySignature('PS256', key, message, signed(32))).toBe(true)
    expect(key !== null && verifySignature('PS256', key, message, signed(20))).toBe(false)
    expect(importPublicKey('ES256', spki(publicKey))).toBeNull()
  })

  it('refuses a PS256 signature whose leading zero was cut off, which OpenSSL would take for the same number', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = importPublicKey('PS256', spki(publicKey)) ?? expect.fail('no key')
    const message = utf8('message')
    const signed = () => sign('sha256', message, { key: privateKey, padding: 6, saltLength: 32 })
    let signature = signed()
    // One in 256 begins so.
    while (signature[0] !== 0) signature = signed()
    expect(verifySignature('PS256', key, message, signature)).toBe(true)
    expect(verifySignature('PS256', key, message, signature.subarray(1))).toBe(false)
  })

  it.each([
    [1024, false],
    [2047, false],
    [2048, true],
    [4096, true],
    [4097, false],
    [16_384, false],
  ])('takes an RSA modulus of %i bits for PS256: %s', (bits, taken) => {
    const modulus = Buffer.alloc(Math.ceil(bits / 8), 0xff)
    modulus[0] = 0xff >> (modulus.length * 8 - bits)
    const key = { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' }
    const bytes = spki(createPublicKey({ format: 'jwk', key }))
    expect(importPublicKey('PS256', bytes) !== null).toBe(taken)
  })

  it('takes no key of another kind under a name', () => {
    const ed25519 = spki(createPublicKey(privateKeyFromSeed(new Uint8Array(32).fill(1))))
    expect(importPublicKey('ES256', ed25519)).toBeNull()
    expect(importPublicKey('PS256', ed25519)).toBeNull()
    expect(importPublicKey('EdDSA', ed25519)).toBeNull()
    expect(importPublicKey('ES256', utf8('no key'))).toBeNull()
  })
})

describe('hashes', () => {
  it('hash the parts as one', () => {
    const whole = createHash('sha256').update('abcdef').digest()
    expect(sha256(utf8('abc'), utf8('def'))).toEqual(new Uint8Array(whole))
    expect(keyId(utf8('abcdef'))).toEqual(new Uint8Array(whole.subarray(0, 8)))
  })

  it('key a MAC', () => {
    expect(toHex(hmacSha256(utf8('key'), utf8('message')))).toBe(
      createHmac('sha256', 'key').update('message').digest('hex'),
    )
  })
})
