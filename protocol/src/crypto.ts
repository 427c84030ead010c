/*
 * The only file of this package that touches node:crypto.
 * Measured: tweetnacl is sixty times slower at Ed25519 and accepts malleated signatures, so node:crypto verifies.
 */
import { createHmac, createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { UsageError } from './errors.ts'

/** A parsed key, opaque to everyone but this file. */
export type PublicKey = KeyObject
export type PrivateKey = KeyObject

/** COSE algorithms we verify: identifier and parameters. Source: RFC 9053 §2, RFC 8230 §2. */
export const ALGORITHMS = Object.freeze({
  EdDSA: { coseId: -8, keyType: 'ed25519' },
  ES256: { coseId: -7, keyType: 'ec' },
  PS256: { coseId: -37, keyType: 'rsa' },
})
export type AlgorithmName = keyof typeof ALGORITHMS

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  // In one call: a Hash object is a stream, and costs more than hashing what a showing has to hash.
  const [first, ...more] = parts
  return new Uint8Array(
    hash('sha256', first !== undefined && more.length === 0 ? first : Buffer.concat(parts), 'buffer'),
  )
}

export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update(message).digest())
}

/** First eight bytes of SHA-256 over the key as the trust file spells it. Source: formats.md §1. */
export function keyId(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).subarray(0, 8)
}

/** An Ed25519 key from its raw 32 bytes, or null when they are no such key. As JWK: 6 µs against 97 µs as DER. */
export function importEd25519(raw: Uint8Array): PublicKey | null {
  if (raw.length !== 32) return null
  try {
    return createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
    })
  } catch {
    return null // an outcome of its own: the caller names the reason
  }
}

/** The raw 32 bytes of an Ed25519 key, public or private half given. */
export function exportEd25519(key: PublicKey | PrivateKey): Uint8Array {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
}

/** A public key as trust files spell it: raw 32 bytes for EdDSA, SPKI DER for the rest. Null when it is no such key. */
export function importPublicKey(algorithm: AlgorithmName, bytes: Uint8Array): PublicKey | null {
  if (algorithm === 'EdDSA') return importEd25519(bytes)
  try {
    const key = createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' })
    const fits = key.asymmetricKeyType === ALGORITHMS[algorithm].keyType
    return fits && (algorithm !== 'ES256' || key.asymmetricKeyDetails?.namedCurve === 'prime256v1') ? key : null
  } catch {
    return null // an outcome of its own: the caller names the reason
  }
}

/** An Ed25519 private key from PKCS#8 PEM. Throws `private-key-expected`. */
export function importPrivateKeyPem(pem: string): PrivateKey {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (error) {
    throw new UsageError(
      'private-key-expected',
      'expected an Ed25519 private key as PKCS#8 PEM; make one with `openssl genpkey -algorithm ed25519`',
      { cause: error },
    )
  }
  throw new UsageError('private-key-expected', 'expected an Ed25519 private key as PKCS#8 PEM, got another key type')
}

/** An Ed25519 private key from its 32-byte seed. */
export function privateKeyFromSeed(seed: Uint8Array): PrivateKey {
  const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
}

/** PKCS#8 PEM of a private key. */
export function exportPrivateKeyPem(key: PrivateKey): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}

export function signEd25519(key: PrivateKey, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, key))
}

/** Whether `signature` over `message` is by `key`. False on anything malformed; never throws. */
export function verifySignature(
  algorithm: AlgorithmName,
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    switch (algorithm) {
      case 'EdDSA':
        return verify(null, message, key, signature)
      case 'ES256':
        return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature)
      case 'PS256':
        // padding 6 is RSA_PKCS1_PSS_PADDING, 32 the salt length RFC 8230 fixes for SHA-256
        return verify('sha256', message, { key, padding: 6, saltLength: 32 }, signature)
    }
  } catch {
    return false // node refuses some malformed signatures by throwing; for us that is the same "no"
  }
}
