import {
  decodeEnrolmentCode,
  ENROLMENT_SECRET_BYTES,
  encodeEnrolmentCode,
  enrolmentPin,
  isEnrolmentCode,
  toHex,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytesAsBytes } from '../equal-bytes.ts'

compareBytesAsBytes()

const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 })
const CODE = {
  secret: Uint8Array.from({ length: 16 }, (_, place) => place * 7 + 1),
  pin: Uint8Array.from({ length: 16 }, (_, place) => 250 - place * 11),
}
const { typed: TYPED, qr: QR } = encodeEnrolmentCode(CODE)

describe('an enrolment code', () => {
  it('is read as it was written, typed or scanned', () => {
    fc.assert(
      fc.property(sixteen, sixteen, (secret, pin) => {
        const { typed, qr } = encodeEnrolmentCode({ secret, pin })
        expect(typed).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){10}[0-9A-HJKMNP-TV-Z]{5}$/)
        expect(qr).toBe(`AKE1:${typed.replaceAll('-', '')}`)
        for (const text of [typed, qr]) expect(decodeEnrolmentCode(text)).toEqual({ ok: true, value: { secret, pin } })
      }),
    )
  })

  it('stays as it was made once: codes on paper outlive a program', () => {
    const zeros = new Uint8Array(16)
    expect(encodeEnrolmentCode({ secret: zeros, pin: zeros }).typed).toMatch(/^(0{5}-){10}/)
    expect(encodeEnrolmentCode({ secret: zeros.map(() => 255), pin: zeros.map(() => 255) }).typed).toMatch(
      /^(Z{5}-){10}/,
    )
  })

  it('may be typed in small letters, with spaces, and with the letters hands and eyes mistake', () => {
    const careless = [
      TYPED.toLowerCase(),
      ` ${TYPED.replaceAll('-', ' ')}\n`,
      TYPED.replaceAll('-', ''),
      TYPED.replaceAll('0', 'O').replaceAll('1', 'l'),
      TYPED.replaceAll('0', 'o').replaceAll('1', 'I'),
      QR.toLowerCase(),
    ]
    for (const text of careless) expect(decodeEnrolmentCode(text), text).toEqual({ ok: true, value: CODE })
  })

  it('is refused with any one sign mistyped', () => {
    const signs = TYPED.replaceAll('-', '')
    for (let place = 0; place < signs.length; place++)
      for (const sign of SIGNS) {
        if (sign === signs[place]) continue
        const mistyped = signs.slice(0, place) + sign + signs.slice(place + 1)
        expect(decodeEnrolmentCode(mistyped).ok, `${sign} at ${place}`).toBe(false)
      }
  })

  it('is refused with two neighbours swapped, cut short, or with more than it has', () => {
    const signs = TYPED.replaceAll('-', '')
    for (let place = 0; place + 1 < signs.length; place++) {
      const [one, other] = [signs[place], signs[place + 1]]
      if (one === other) continue
      expect(decodeEnrolmentCode(signs.slice(0, place) + other + one + signs.slice(place + 2)).ok).toBe(false)
    }
    for (let length = 0; length < signs.length; length++)
      expect(decodeEnrolmentCode(signs.slice(0, length)).ok).toBe(false)
    for (const text of [`${signs}0`, `0${signs}`, ' '.repeat(200) + signs, 'U'.repeat(55), '码'.repeat(55)])
      expect(decodeEnrolmentCode(text).ok, text.slice(0, 60)).toBe(false)
  })

  it('is read or refused, never thrown over, whatever is typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.stringMatching(/^[0-9A-Z]{55}$/)), text => {
        const decoded = decodeEnrolmentCode(text)
        if (decoded.ok) expect(encodeEnrolmentCode(decoded.value).typed.length).toBe(TYPED.length)
        // a code is a secret: what is said of it goes into a log
        else if (text.trim().length >= 10) expect(decoded.detail).not.toContain(text.trim().slice(0, 10))
      }),
    )
  })

  it('is told from a health code by how it begins', () => {
    expect(isEnrolmentCode(QR)).toBe(true)
    expect(isEnrolmentCode('AKE1:nonsense')).toBe(true)
    for (const text of ['AK1:6BF', TYPED, '', 'ake1:']) expect(isEnrolmentCode(text)).toBe(false)
  })

  it('is not made of parts of another length', () => {
    for (const lengthBytes of [0, ENROLMENT_SECRET_BYTES - 1, ENROLMENT_SECRET_BYTES + 1]) {
      const part = new Uint8Array(lengthBytes)
      const fault = expect.objectContaining({ code: 'enrolment-code-parts' })
      expect(() => encodeEnrolmentCode({ ...CODE, secret: part })).toThrow(fault)
      expect(() => encodeEnrolmentCode({ ...CODE, pin: part })).toThrow(fault)
    }
  })
})

describe('the pin of an enrolment code', () => {
  it('is another with any other authority or trust file, and keeps the two apart', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (ca, trust, otherCa, otherTrust) => {
        const isSame = Buffer.compare(ca, otherCa) === 0 && Buffer.compare(trust, otherTrust) === 0
        const [pin, other] = [enrolmentPin(ca, trust), enrolmentPin(otherCa, otherTrust)]
        expect(pin.length).toBe(16)
        expect(toHex(pin) === toHex(other)).toBe(isSame)
      }),
    )
    const [one, two] = [Buffer.from('one'), Buffer.from('two')]
    expect(toHex(enrolmentPin(one, two))).not.toBe(toHex(enrolmentPin(two, one)))
    expect(toHex(enrolmentPin(Buffer.from('ab'), Buffer.from('c')))).not.toBe(
      toHex(enrolmentPin(Buffer.from('a'), Buffer.from('bc'))),
    )
  })
})
