import {
  countersign,
  enrolmentAnchors,
  enrolmentAnswer,
  enrolmentRequest,
  exportEd25519,
  fromHex,
  importEd25519,
  isCountersigned,
  type RenewalRequest,
  renewalRequest,
  toHex,
  verifySignature,
} from '@ankang/protocol'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { keyOf } from '../ak1-world.ts'
import { everyBitFlipped } from '../equal-bytes.ts'

const KEY = keyOf(40)
const DER = Uint8Array.from({ length: 200 }, (_, place) => place)
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const UNSIGNED = {
  site: 'hall',
  device: 'hall-door-1',
  publicKey: toHex(exportEd25519(KEY)),
  csr: '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n',
  issuedAt: 1_780_000_000,
}
const REQUEST: RenewalRequest = { ...UNSIGNED, countersignature: countersign(UNSIGNED, DER, KEY) }

describe('a countersignature', () => {
  it('holds for the request it was made for', () => {
    expect(isCountersigned(REQUEST, DER)).toBe(true)
  })

  it('does not hold for another site, device, key, time or certificate request', () => {
    const others: readonly Partial<RenewalRequest>[] = [
      { site: 'park' },
      { device: 'hall-door-2' },
      { publicKey: toHex(exportEd25519(keyOf(41))) },
      { issuedAt: UNSIGNED.issuedAt + 1 },
      // what is signed keeps site and device apart
      { site: 'hallh', device: 'all-door-1' },
    ]
    for (const change of others) expect(isCountersigned({ ...REQUEST, ...change }, DER)).toBe(false)
    for (const [bit, der] of everyBitFlipped(DER)) expect(isCountersigned(REQUEST, der), `bit ${bit}`).toBe(false)
    for (let length = 0; length < DER.length; length++)
      expect(isCountersigned(REQUEST, DER.subarray(0, length))).toBe(false)
  })

  it('does not hold after any bit of it has changed, nor when it is cut short', () => {
    const signature = fromHex(REQUEST.countersignature)
    for (const [bit, changed] of everyBitFlipped(signature))
      expect(isCountersigned({ ...REQUEST, countersignature: toHex(changed) }, DER), `bit ${bit}`).toBe(false)
    for (let length = 0; length < signature.length; length++)
      expect(isCountersigned({ ...REQUEST, countersignature: toHex(signature.subarray(0, length)) }, DER)).toBe(false)
  })

  it('holds for whatever is asked, and for that alone', () => {
    const text = fc.stringMatching(/^[a-z0-9-]{1,40}$/)
    const request = fc.record({ site: text, device: text, issuedAt: fc.maxSafeNat() })
    fc.assert(
      fc.property(request, request, fc.uint8Array({ maxLength: 50 }), (asked, other, der) => {
        const signed = { ...REQUEST, ...asked, countersignature: countersign({ ...REQUEST, ...asked }, der, KEY) }
        expect(isCountersigned(signed, der)).toBe(true)
        const isSame = asked.site === other.site && asked.device === other.device && asked.issuedAt === other.issuedAt
        expect(isCountersigned({ ...signed, ...other }, der)).toBe(isSame)
      }),
      { numRuns: 50 },
    )
  })

  it('is not taken from a key everybody can sign for', () => {
    const p = [`ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`]
    const weak = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      ...p,
    ]
    const withSign = weak.map(hex => hex.slice(0, 62) + (Number.parseInt(hex.slice(62), 16) | 0x80).toString(16))
    // R the neutral point, S zero: made without any secret
    const forged = `01${'00'.repeat(63)}`
    let forgeries = 0
    for (const publicKey of [...weak, ...withSign])
      for (let issuedAt = 0; issuedAt < 64; issuedAt++) {
        expect(isCountersigned({ ...REQUEST, publicKey, issuedAt, countersignature: forged }, DER), publicKey).toBe(
          false,
        )
        const key = importEd25519(fromHex(publicKey))
        if (key !== null && verifySignature('EdDSA', key, Buffer.of(issuedAt), fromHex(forged))) forgeries++
      }
    // else this test would show nothing
    expect(forgeries).toBeGreaterThan(64)
  })
})

describe('the messages of enrolment', () => {
  const secret = '00'.repeat(16)

  it('are read whole', () => {
    expect(v.parse(renewalRequest, REQUEST)).toEqual(REQUEST)
    expect(v.parse(enrolmentRequest, { ...REQUEST, secret })).toEqual({ ...REQUEST, secret })
    const answer = { certificate: CERTIFICATE, ca: CERTIFICATE, notAfter: 1_790_000_000 }
    expect(v.parse(enrolmentAnswer, answer)).toEqual(answer)
    expect(v.parse(enrolmentAnchors, { ca: CERTIFICATE, trust: '{}' })).toEqual({ ca: CERTIFICATE, trust: '{}' })
  })

  it('are refused with a field missing, too long, of another form, or one too many', () => {
    for (const field of Object.keys(REQUEST)) {
      const { [field]: _, ...rest } = { ...REQUEST, secret } as Record<string, unknown>
      expect(v.is(enrolmentRequest, rest), field).toBe(false)
    }
    const bad: readonly object[] = [
      { site: 'trust' },
      { site: 'a/b' },
      { device: '' },
      { device: '+' },
      { publicKey: 'AB'.repeat(32) },
      { publicKey: 'ab'.repeat(31) },
      { csr: 'MIIB' },
      { csr: `-----BEGIN CERTIFICATE REQUEST-----${'A'.repeat(8192)}` },
      { issuedAt: -1 },
      { issuedAt: 1.5 },
      { countersignature: 'ab'.repeat(63) },
      { secret: 'ab'.repeat(15) },
      { role: 'admin' },
    ]
    for (const change of bad)
      expect(v.is(enrolmentRequest, { ...REQUEST, secret, ...change }), JSON.stringify(change)).toBe(false)
    expect(v.is(renewalRequest, { ...REQUEST, secret })).toBe(false)
  })
})
