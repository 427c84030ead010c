/*
 * SM2 signatures whose nonce follows from key and message. The library's own are new at each call; then the same seed would
 * not give the same input again. Written from the standard, apart from the code under trial. Source: GB/T 32918.2 §6.
 */
import { createECDH, hash } from 'node:crypto'
import { concatBytes, type RideSigner } from '@ankang/protocol'
import { inverse, modulo, to32Bytes, toBigInt } from './big-numbers.ts'

/** Order of the curve's base point. Source: GB/T 32918.5 §2. */
export const SM2_ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n
/** a ‖ b ‖ G, which every Z begins with after the user id. */
const CURVE = Buffer.from(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  'hex',
)

export interface FixedSm2 {
  /** 33 bytes, and 65. */
  readonly compressed: Uint8Array
  readonly point: Uint8Array
  readonly sign: RideSigner
}

function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(hash('sm3', Buffer.concat(parts), 'buffer'))
}

function pointOf(scalar: bigint): Uint8Array {
  const ecdh = createECDH('SM2')
  ecdh.setPrivateKey(to32Bytes(scalar))
  return new Uint8Array(ecdh.getPublicKey())
}

/** The pair of keys that this name leads to. */
export function fixedSm2(name: string): FixedSm2 {
  const d = (toBigInt(sm3(Buffer.from(name))) % (SM2_ORDER - 2n)) + 1n
  const point = pointOf(d)
  const shift = inverse(1n + d, SM2_ORDER)
  const sign: RideSigner = (userId, message) => {
    const bits = userId.length * 8
    const z = sm3(Uint8Array.of(bits >> 8, bits & 0xff), userId, CURVE, point.subarray(1))
    const e = toBigInt(sm3(z, message))
    // r = 0, r + k = n and s = 0 would ask for another nonce: one in 2²⁵⁵.
    const k = (toBigInt(sm3(to32Bytes(d), to32Bytes(e))) % (SM2_ORDER - 1n)) + 1n
    const r = (e + toBigInt(pointOf(k).subarray(1, 33))) % SM2_ORDER
    const s = modulo(shift * (k - r * d), SM2_ORDER)
    return concatBytes(to32Bytes(r), to32Bytes(s))
  }
  const compressed = concatBytes(Uint8Array.of(2 + ((point[64] ?? 0) & 1)), point.subarray(1, 33))
  return { compressed, point, sign }
}
