import { concatBytes, equalBytes, fromHex, parseHex, readU64be, toHex, u64be, utf8 } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('bytes', () => {
  it('survive hex', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
      }),
    )
  })

  it('are not read from hex of half a byte, of other letters, or with spaces', () => {
    for (const text of ['a', 'abc', 'xy', 'a ', '0x12', 'ab\n']) expect(parseHex(text), JSON.stringify(text)).toBeNull()
    expect(parseHex('ABab')).toEqual(new Uint8Array([0xab, 0xab]))
    expect(() => fromHex('xyz')).toThrow(
      expect.objectContaining({ code: 'hex-expected', message: expect.stringContaining('"xyz"') }),
    )
  })

  it('are taken from the view, not from the memory behind it', () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
    expect(toHex(view)).toBe('0203')
    expect(readU64be(concatBytes(new Uint8Array(3), u64be(77)).subarray(3))).toBe(77)
  })

  it('hold numbers of eight bytes, big-endian, up to 2^53 − 1', () => {
    expect(toHex(u64be(1))).toBe('0000000000000001')
    fc.assert(
      fc.property(fc.maxSafeNat(), value => {
        expect(readU64be(u64be(value))).toBe(value)
      }),
    )
    expect(readU64be(concatBytes(new Uint8Array(5), u64be(9)), 5)).toBe(9)
  })

  it('are equal when every byte is', () => {
    expect(equalBytes(utf8('a'), Buffer.from('a'))).toBe(true)
    expect(equalBytes(utf8('a'), utf8('b'))).toBe(false)
    expect(equalBytes(utf8('a'), utf8('aa'))).toBe(false)
  })
})
