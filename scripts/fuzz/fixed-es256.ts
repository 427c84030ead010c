/*
 * ES256 signatures whose nonce follows from key and message, so that the same seed gives the same input again; and the
 * second signature that every ES256 signature has. Source: FIPS 186-5 §6.4.
 */
import { createECDH, createPublicKey } from 'node:crypto'
import { concatBytes, sha256 } from '@ankang/protocol'
import { inverse, modulo, to32Bytes, toBigInt } from './big-numbers.ts'

/** Order of P-256's base point. Source: SP 800-186 §3.2.1.3. */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

export interface FixedEs256 {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** r ‖ s, 64 bytes. */
  sign(message: Uint8Array): Uint8Array
}

function pointOf(scalar: bigint): Buffer {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(to32Bytes(scalar))
  return ecdh.getPublicKey()
}

/** The pair of keys that this name leads to. */
export function fixedEs256(name: string): FixedEs256 {
  const d = (toBigInt(sha256(Buffer.from(name))) % (P256_ORDER - 1n)) + 1n
  const point = pointOf(d)
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(half => half.toString('base64url'))
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } })
  const sign = (message: Uint8Array): Uint8Array => {
    const z = toBigInt(sha256(message))
    const k = (toBigInt(sha256(to32Bytes(d), to32Bytes(z))) % (P256_ORDER - 1n)) + 1n
    const r = toBigInt(pointOf(k).subarray(1, 33)) % P256_ORDER
    const s = modulo(inverse(k, P256_ORDER) * (z + r * d), P256_ORDER)
    return concatBytes(to32Bytes(r), to32Bytes(s))
  }
  return { spki: new Uint8Array(key.export({ format: 'der', type: 'spki' })), sign }
}

/** r ‖ n − s: whoever has one signature has this one too, without any key. */
export function twinOf(signature: Uint8Array): Uint8Array {
  return concatBytes(
    signature.subarray(0, 32),
    to32Bytes(modulo(P256_ORDER - toBigInt(signature.subarray(32)), P256_ORDER)),
  )
}
