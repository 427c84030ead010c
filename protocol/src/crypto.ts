/*
 * The only file of this package that touches node:crypto.
 * Measured: tweetnacl is sixty times slower at Ed25519 and accepts malleated signatures, so node:crypto verifies.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  ECDH,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
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

/**
 * A public key as trust files spell it: raw 32 bytes for EdDSA, SPKI DER for the rest. Null when it is no such key: ES256 wants
 * P-256, PS256 an RSA modulus of 2,048 to 4,096 bits. Source: RFC 8230 §2 for the least; the most bounds what a code can cost.
 */
export function importPublicKey(algorithm: AlgorithmName, bytes: Uint8Array): PublicKey | null {
  if (algorithm === 'EdDSA') return importEd25519(bytes)
  try {
    const key = createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' })
    const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
    if (key.asymmetricKeyType !== ALGORITHMS[algorithm].keyType) return null
    const strong = algorithm === 'ES256' ? namedCurve === 'prime256v1' : modulusLength >= 2048 && modulusLength <= 4096
    return strong ? key : null
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

/**
 * 32 secret bytes for one purpose that only the holder of an Ed25519 key can make, also where the key itself stays in a chip: such
 * signatures are the same each time. Source: RFC 8032 §5.1.6.
 */
export function secretOf(key: PrivateKey, purpose: string): Uint8Array {
  return sha256(signEd25519(key, Buffer.from(`ankang/v1 secret/${purpose}`)))
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
        // OpenSSL takes a signature whose leading zeros were cut off: it would be a second one. Source: RFC 8017 §8.1.2 step 1.
        if (signature.length !== Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)) return false
        // padding 6 is RSA_PKCS1_PSS_PADDING, 32 the salt length RFC 8230 fixes for SHA-256
        return verify('sha256', message, { key, padding: 6, saltLength: 32 }, signature)
    }
  } catch {
    return false // node refuses some malformed signatures by throwing; for us that is the same "no"
  }
}

// ——— SM2 with SM3, GB/T 32918.2: what node:crypto calls SM2 signs a bare hash, so Z is put before the message here ———

/** Curve parameters a ‖ b ‖ x(G) ‖ y(G), as they go into Z. Source: GB/T 32918.5 §2. */
const SM2_CURVE = Buffer.from(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  'hex',
)
/** SubjectPublicKeyInfo of an SM2 point, up to the point itself. */
const SM2_SPKI = {
  33: Buffer.from('3039301306072a8648ce3d020106082a811ccf5501822d032200', 'hex'),
  65: Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex'),
} as const

/** The order of the curve less two. */
const SM2_LARGEST_SCALAR = Buffer.from('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121', 'hex')
/** A SEC 1 private key around its scalar: version 1, the octets, the curve's name. */
const SM2_SEC1_HEAD = Buffer.from('30310201010420', 'hex')
const SM2_SEC1_TAIL = Buffer.from('a00a06082a811ccf5501822d', 'hex')

/** An SM2 public key with the point in full, which Z is made of. */
export interface Sm2PublicKey {
  readonly key: PublicKey
  /** x ‖ y, 64 bytes. */
  readonly point: Uint8Array
}

/** An SM2 key from its point: 33 bytes compressed, or 65. Null when it is no point of the curve. */
export function importSm2(point: Uint8Array): Sm2PublicKey | null {
  const isFull = point.length === 65 && point[0] === 4
  const isCompressed = point.length === 33 && (point[0] === 2 || point[0] === 3)
  if (!isFull && !isCompressed) return null
  try {
    const head = isFull ? SM2_SPKI[65] : SM2_SPKI[33]
    const full = isFull ? point : ECDH.convertKey(point, 'SM2', undefined, undefined, 'uncompressed')
    const key = createPublicKey({ key: Buffer.concat([head, point]), format: 'der', type: 'spki' })
    return { key, point: new Uint8Array(Buffer.from(full as Uint8Array).subarray(1)) }
  } catch {
    return null // an outcome of its own: the caller names the reason
  }
}

/** Z ‖ message: what is hashed with SM3 and signed. Source: GB/T 32918.2 §5.5. */
function sm2Input({ point }: Pick<Sm2PublicKey, 'point'>, userId: Uint8Array, message: Uint8Array): Buffer {
  const bits = userId.length * 8
  const identity = Buffer.concat([Uint8Array.of(bits >> 8, bits & 0xff), userId, SM2_CURVE, point])
  return Buffer.concat([hash('sm3', identity, 'buffer'), message])
}

/** r ‖ s, 64 bytes, as the DER sequence that OpenSSL takes. */
function derSignature(signature: Uint8Array): Buffer {
  const integers = [signature.subarray(0, 32), signature.subarray(32, 64)].map(bytes => {
    const start = bytes.findIndex(byte => byte !== 0)
    const digits = start < 0 ? Uint8Array.of(0) : bytes.subarray(start)
    const body = (digits[0] ?? 0) > 0x7f ? Buffer.concat([Uint8Array.of(0), digits]) : digits
    return Buffer.concat([Uint8Array.of(2, body.length), body])
  })
  const content = Buffer.concat(integers)
  return Buffer.concat([Uint8Array.of(0x30, content.length), content])
}

/** Whether r ‖ s over `message` is by `key` under this user id. False on anything malformed; never throws. */
export function verifySm2(key: Sm2PublicKey, userId: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false
  try {
    return createVerify('sm3')
      .update(sm2Input(key, userId, message))
      .verify(key.key, derSignature(signature))
  } catch {
    return false // node refuses some malformed signatures by throwing; for us that is the same "no"
  }
}

/** The private key with this scalar, 32 bytes from 1 to the order less two. Throws `private-key-expected`. Source: GB/T 32918.1 §5.3. */
export function sm2PrivateKey(scalar: Uint8Array): PrivateKey {
  // OpenSSL takes the rest without a word, and signs nothing sound with it.
  const isInRange = scalar.some(byte => byte !== 0) && Buffer.compare(scalar, SM2_LARGEST_SCALAR) <= 0
  if (scalar.length !== 32 || !isInRange)
    throw new UsageError('private-key-expected', 'expected a scalar of the SM2 curve, 32 bytes')
  const sec1 = Buffer.concat([SM2_SEC1_HEAD, scalar, SM2_SEC1_TAIL])
  try {
    return createPrivateKey({ key: sec1, format: 'der', type: 'sec1' })
  } catch (error) {
    throw new UsageError('private-key-expected', 'expected a scalar of the SM2 curve, 32 bytes', { cause: error })
  }
}

/** The public point of a private SM2 key, 65 bytes. */
export function exportSm2(key: PrivateKey): Uint8Array {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(spki.length - 65))
}

/** r ‖ s, 64 bytes. */
export function signSm2(key: PrivateKey, userId: Uint8Array, message: Uint8Array): Uint8Array {
  const point = exportSm2(key).subarray(1)
  const der = createSign('sm3')
    .update(sm2Input({ point }, userId, message))
    .sign(key)
  const r = der.subarray(4, 4 + (der[3] ?? 0))
  const s = der.subarray(der.length - (der[5 + r.length] ?? 0))
  const signature = new Uint8Array(64)
  for (const [place, integer] of [r, s].entries()) {
    const digits = integer.subarray(Math.max(0, integer.length - 32))
    signature.set(digits, place * 32 + 32 - digits.length)
  }
  return signature
}
