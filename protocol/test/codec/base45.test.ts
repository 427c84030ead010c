import { decodeBase45, encodeBase45, utf8 } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'

/** RFC 9285 §4.3 and §4.4. */
const PUBLISHED = [
  ['AB', 'BB8'],
  ['Hello!!', '%69 VD92EX0'],
  ['base-45', 'UJCLQE7W581'],
  ['ietf!', 'QED8WEX0'],
] as const

describe('base45', () => {
  for (const [plain, digits] of PUBLISHED) {
    it(`encodes and decodes the published example ${plain}`, () => {
      expect(encodeBase45(utf8(plain))).toBe(digits)
      expect(decodeBase45(utf8(digits))).toEqual(utf8(plain))
    })
  }

  it('gives back whatever bytes it encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        expect(decodeBase45(utf8(encodeBase45(bytes)))).toEqual(bytes)
      }),
    )
  })

  it('has one spelling for each byte string: what it decodes encodes to the same digits', () => {
    const digit = fc.constantFrom(...ALPHABET)
    fc.assert(
      fc.property(fc.string({ unit: digit, maxLength: 60 }), digits => {
        const bytes = decodeBase45(utf8(digits))
        if (bytes !== null) expect(encodeBase45(bytes)).toBe(digits)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes the largest pair and the largest single byte, and refuses one more', () => {
    expect(decodeBase45(utf8('FGW'))).toEqual(new Uint8Array([0xff, 0xff]))
    expect(decodeBase45(utf8('GGW'))).toBeNull()
    expect(decodeBase45(utf8(':::'))).toBeNull()
    expect(decodeBase45(utf8('U5'))).toEqual(new Uint8Array([0xff]))
    expect(decodeBase45(utf8('V5'))).toBeNull()
    expect(decodeBase45(utf8('::'))).toBeNull()
  })

  it('refuses lengths that no encoder makes', () => {
    for (const digits of ['0', 'BB80', 'BB8BB80']) expect(decodeBase45(utf8(digits)), digits).toBeNull()
  })

  it('refuses every byte outside the alphabet, in every place of a group', () => {
    for (let byte = 0; byte < 256; byte++) {
      const inside = ALPHABET.includes(String.fromCharCode(byte))
      for (let place = 0; place < 3; place++) {
        const digits = new Uint8Array([0x30, 0x30, 0x30])
        digits[place] = byte
        if (!inside) expect(decodeBase45(digits), `byte ${byte} at ${place}`).toBeNull()
      }
      const single = new Uint8Array([byte, 0x30])
      expect(decodeBase45(single) !== null, `byte ${byte} in a pair`).toBe(inside)
    }
  })

  it('decodes nothing to nothing', () => {
    expect(decodeBase45(new Uint8Array(0))).toEqual(new Uint8Array(0))
    expect(encodeBase45(new Uint8Array(0))).toBe('')
  })
})
