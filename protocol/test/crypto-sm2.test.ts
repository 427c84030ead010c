import { createHash, randomBytes } from 'node:crypto'
import {
  concatBytes,
  exportSm2,
  fromHex,
  importSm2,
  type Sm2PublicKey,
  sha256,
  signSm2,
  sm2PrivateKey,
  toHex,
  utf8,
  verifySm2,
} from '@ankang/protocol'
import fc from 'fast-check'
import { sm2 } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { everyBitFlipped } from './equal-bytes.ts'

const DEFAULT_ID = '1234567812345678'
/** Order of the curve, and the prime of its field. Source: GB/T 32918.5 §2. */
const N = BigInt('0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123')
const P = BigInt('0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff')
/** a ‖ b ‖ x(G) ‖ y(G), typed in again from the standard. */
const CURVE = fromHex(
  'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC' +
    '28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93' +
    '32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7' +
    'BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0',
)

const scalarHex = toHex(sha256(utf8('a signer of tests')))
const privateKey = sm2PrivateKey(fromHex(scalarHex))
const point = exportSm2(privateKey)
const key = imported(point)
const message = utf8('一段要签名的话')

function imported(bytes: Uint8Array): Sm2PublicKey {
  return importSm2(bytes) ?? expect.fail('this is a point of the curve')
}

function bytes32(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'))
}

function compressed(full: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(2 + ((full[64] ?? 0) & 1)), full.subarray(1, 33))
}

/** SM3 over Z and the message: what SM2 signs, put together here a second time. */
function digest(userId: Uint8Array, signed: Uint8Array): Uint8Array {
  const bits = userId.length * 8
  const z = createHash('sm3').update(Uint8Array.of(bits >> 8, bits & 0xff))
  const identity = z.update(userId).update(CURVE).update(point.subarray(1)).digest()
  return createHash('sm3').update(identity).update(signed).digest()
}

describe('SM2', () => {
  it('makes the key and accepts the signature of GB/T 32918.5, annex A.2', () => {
    const known = exportSm2(sm2PrivateKey(fromHex('3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8')))
    expect(toHex(known)).toBe(
      '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
        'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
    )
    const signature = fromHex(
      'F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3' +
        'B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA',
    )
    expect(verifySm2(imported(known), utf8(DEFAULT_ID), utf8('message digest'), signature)).toBe(true)
  })

  it('agrees with sm-crypto-v2 both ways, under any text as user id', () => {
    const oracleKey = sm2.precomputePublicKey(toHex(point))
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40, unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 400 }),
        (userId, signed) => {
          // An empty user id is one of its own here; there it stands for the default.
          const id = userId === '' ? DEFAULT_ID : userId
          const options = { hash: true, userId: id }
          const theirs = fromHex(sm2.doSignature(signed, scalarHex, { ...options, publicKey: toHex(point) }))
          expect(verifySm2(key, utf8(id), signed, theirs)).toBe(true)
          const ours = signSm2(privateKey, utf8(id), signed)
          expect(sm2.doVerifySignature(signed, toHex(ours), oracleKey, options)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('agrees with sm-crypto-v2 under user ids that are no text, as ride codes have them', () => {
    const oracleKey = sm2.precomputePublicKey(toHex(point))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 400 }), (userId, signed) => {
        const e = digest(userId, signed)
        expect(verifySm2(key, userId, signed, fromHex(sm2.doSignature(e, scalarHex)))).toBe(true)
        expect(sm2.doVerifySignature(e, toHex(signSm2(privateKey, userId, signed)), oracleKey)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a signature with any bit changed, another message, user id or key', () => {
    const id = utf8(DEFAULT_ID)
    const signature = signSm2(privateKey, id, message)
    expect(verifySm2(key, id, message, signature)).toBe(true)
    for (const [bit, changed] of everyBitFlipped(signature))
      expect(verifySm2(key, id, message, changed), `bit ${bit}`).toBe(false)
    expect(verifySm2(key, id, message.subarray(1), signature)).toBe(false)
    expect(verifySm2(key, id.subarray(1), message, signature)).toBe(false)
    const other = imported(exportSm2(sm2PrivateKey(sha256(utf8('another signer')))))
    expect(verifySm2(other, id, message, signature)).toBe(false)
  })

  it('refuses integers out of range and lengths that are none', () => {
    const id = utf8(DEFAULT_ID)
    const signature = signSm2(privateKey, id, message)
    const r = signature.subarray(0, 32)
    const s = signature.subarray(32)
    const opposite = bytes32(N - BigInt(`0x${toHex(r)}`))
    for (const outOfRange of [0n, N, N + 1n, 2n ** 256n - 1n]) {
      expect(verifySm2(key, id, message, concatBytes(bytes32(outOfRange), s))).toBe(false)
      expect(verifySm2(key, id, message, concatBytes(r, bytes32(outOfRange)))).toBe(false)
      expect(verifySm2(key, id, message, concatBytes(bytes32(outOfRange), bytes32(outOfRange)))).toBe(false)
    }
    expect(verifySm2(key, id, message, concatBytes(r, opposite))).toBe(false)
    for (const lengthBytes of [0, 63, 65, 70, 128])
      expect(verifySm2(key, id, message, concatBytes(signature, signature).subarray(0, lengthBytes))).toBe(false)
  })

  it('answers no, and never throws, whatever the signature is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 64, maxLength: 64 }), (any, of64) => {
        expect(verifySm2(key, utf8(DEFAULT_ID), message, any)).toBe(false)
        expect(verifySm2(key, utf8(DEFAULT_ID), message, of64)).toBe(false)
      }),
    )
  })

  it('writes and reads integers of every length: leading zeros, high bits and neither', () => {
    // DER drops leading zero bytes and puts one before a high bit; sign until each has come in r and in s.
    const shapeOf = (integer: Uint8Array) => (integer[0] === 0 ? 'short' : (integer[0] ?? 0) > 0x7f ? 'high' : 'plain')
    const met = new Map<string, Uint8Array>()
    while (met.size < 6) {
      const signature = signSm2(privateKey, utf8(DEFAULT_ID), message)
      expect(signature).toHaveLength(64)
      expect(verifySm2(key, utf8(DEFAULT_ID), message, signature), toHex(signature)).toBe(true)
      met.set(`r ${shapeOf(signature.subarray(0, 32))}`, signature)
      met.set(`s ${shapeOf(signature.subarray(32))}`, signature)
    }
    for (const [shape, signature] of met)
      expect(sm2.doVerifySignature(message, toHex(signature), toHex(point), { hash: true }), shape).toBe(true)
  })
})

describe('a point of the SM2 curve', () => {
  it('is the same key in 33 bytes and in 65, for either parity of y', () => {
    const parities = new Set<number>()
    while (parities.size < 2) {
      const full = exportSm2(sm2PrivateKey(randomBytes(32).fill(0x10, 0, 1)))
      expect(imported(compressed(full)).point).toEqual(imported(full).point)
      expect(toHex(imported(full).point)).toBe(toHex(full.subarray(1)))
      expect(toHex(compressed(full))).toBe(sm2.compressPublicKeyHex(toHex(full)))
      parities.add((full[64] ?? 0) & 1)
    }
  })

  it('verifies the same whichever way it was given', () => {
    const signature = signSm2(privateKey, utf8(DEFAULT_ID), message)
    expect(verifySm2(imported(compressed(point)), utf8(DEFAULT_ID), message, signature)).toBe(true)
  })

  it('is nothing else: other lengths, other heads, off the curve, beyond the field', () => {
    const small = compressed(point)
    const withHead = (bytes: Uint8Array, head: number) => concatBytes(Uint8Array.of(head), bytes.subarray(1))
    const offCurve = concatBytes(point.subarray(0, 64), Uint8Array.of((point[64] ?? 0) ^ 1))
    const noRoot = concatBytes(Uint8Array.of(2), bytes32(firstXWithoutPoint()))
    const wrong: Record<string, Uint8Array> = {
      'no bytes': new Uint8Array(0),
      'the point at infinity': Uint8Array.of(0),
      'x alone': small.subarray(1),
      'one byte short': small.subarray(0, 32),
      'one byte long': concatBytes(small, Uint8Array.of(0)),
      'x and y without a head': point.subarray(1),
      '64 bytes': point.subarray(0, 64),
      '66 bytes': concatBytes(point, Uint8Array.of(0)),
      'head 04 on 33 bytes': withHead(small, 4),
      'head 00 on 33 bytes': withHead(small, 0),
      'head 02 on 65 bytes': withHead(point, 2),
      'head 00 on 65 bytes': withHead(point, 0),
      'a hybrid of the wrong parity': withHead(point, 7 - ((point[64] ?? 0) & 1)),
      'zeros behind a head': withHead(new Uint8Array(65), 4),
      'off the curve': offCurve,
      'an x that no point has': noRoot,
      'x of the field’s prime': concatBytes(Uint8Array.of(2), bytes32(P)),
      'x of all ones': concatBytes(Uint8Array.of(3), new Uint8Array(32).fill(0xff)),
    }
    for (const [what, bytes] of Object.entries(wrong)) expect(importSm2(bytes), what).toBeNull()
  })

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.constantFrom(33, 65), fc.uint8Array({ minLength: 65, maxLength: 65 }), (lengthBytes, bytes) => {
        const result = importSm2(bytes.subarray(0, lengthBytes))
        expect(result === null || result.point.length === 64).toBe(true)
      }),
    )
  })
})

describe('a private SM2 key', () => {
  it('is a scalar from 1 to the order less two, and signs', () => {
    for (const scalar of [1n, 2n, N - 2n]) {
      const signer = sm2PrivateKey(bytes32(scalar))
      const signature = signSm2(signer, utf8(DEFAULT_ID), message)
      expect(verifySm2(imported(exportSm2(signer)), utf8(DEFAULT_ID), message, signature)).toBe(true)
    }
  })

  it('is nothing else', () => {
    const whole = bytes32(1n)
    const wrong = [0n, N - 1n, N, 2n ** 256n - 1n].map(bytes32)
    for (const scalar of [...wrong, whole.subarray(1), concatBytes(whole, Uint8Array.of(1)), new Uint8Array(0)])
      expect(() => sm2PrivateKey(scalar), toHex(scalar)).toThrow(
        expect.objectContaining({ code: 'private-key-expected' }),
      )
  })
})

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, left = exponent; left > 0n; square = (square * square) % P, left >>= 1n)
    if (left & 1n) result = (result * square) % P
  return result
}

/** Half of all x belong to no point: x³ + ax + b has no square root. */
function firstXWithoutPoint(): bigint {
  const a = BigInt(`0x${toHex(CURVE.subarray(0, 32))}`)
  const b = BigInt(`0x${toHex(CURVE.subarray(32, 64))}`)
  let x = 1n
  while (power((x ** 3n + a * x + b) % P, (P - 1n) / 2n) === 1n) x++
  return x
}
