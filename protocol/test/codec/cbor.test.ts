import {
  asArray,
  asBytes,
  asMap,
  asText,
  asUint,
  CborFloat,
  type CborValue,
  decodeCbor,
  encodeCbor,
  fromHex,
  Tagged,
  toHex,
} from '@ankang/protocol'
import { decode, encode, Tagged as Reference, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytesAsBytes } from '../equal-bytes.ts'

compareBytesAsBytes()

const LIMITS = { maxBytes: 1024, maxDepth: 8 }
const decodeHex = (hex: string, limits = LIMITS) => decodeCbor(fromHex(hex), limits)

/** Any value this project writes: integers, texts, bytes, arrays and maps with integer keys. */
const { value: anyValue } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 6 },
    fc.maxSafeInteger(),
    fc.string(),
    fc.uint8Array({ maxLength: 20 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.integer(), tie('value')), { maxLength: 4, selector: ([key]) => key })
      .map(entries => new Map(entries)),
  ),
}))

describe('strict CBOR', () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(anyValue, value => {
        expect(decodeCbor(encodeCbor(value), { maxBytes: 1 << 20, maxDepth: 8 })).toEqual({ ok: true, value })
      }),
    )
  })

  it('sorts map keys by their encoded bytes (RFC 8949 §4.2.1)', () => {
    const map = new Map<unknown, number>([
      ['z', 1],
      [-1, 2],
      [100, 3],
      [10, 4],
    ])
    expect(toHex(encodeCbor(map))).toBe('a40a041864032002617a01')
  })

  const refused = [
    ['a duplicate integer key', 'a201000100'],
    ['a duplicate text key', 'a2616101616102'],
    ['a byte string as a key', 'a1410100'],
    ['an array as a key', 'a1810000'],
    ['a map as a key', 'a1a000'],
    ['a boolean as a key', 'a1f500'],
    ['null as a key', 'a1f600'],
    ['a tagged key', 'a1d20000'],
    ['a half float', 'f93c00'],
    ['a single float', 'fa3f800000'],
    ['a double float', 'fb3ff0000000000000'],
    ['NaN', 'f97e00'],
    ['infinity', 'f97c00'],
    ['undefined', 'f7'],
    ['an unassigned simple value', 'f0'],
    ['an indefinite array', '9f01ff'],
    ['an indefinite map', 'bf0101ff'],
    ['an indefinite byte string', '5f4101ff'],
    ['an indefinite text', '7f6161ff'],
    ['a lone break', 'ff'],
    ['trailing bytes', '0000'],
    ['an integer in two bytes that fits in one', '1817'],
    ['an integer in three bytes that fits in two', '1900ff'],
    ['an integer in five bytes that fits in three', '1a0000ffff'],
    ['an integer in nine bytes that fits in five', '1b00000000ffffffff'],
    ['a negative integer that could be shorter', '3800'],
    ['a byte string length that could be shorter', '580101'],
    ['a text length that could be shorter', '780161'],
    ['an array length that could be shorter', '980100'],
    ['a map length that could be shorter', 'b8010000'],
    ['text that is not UTF-8', '62c328'],
    ['text that ends within a character', '63f09f98'],
    ['a tag nobody asked for', 'c001'],
    ['tag 24', 'd8184100'],
    ['a truncated integer', '19ff'],
    ['a truncated byte string', '4401'],
    ['a truncated array', '8201'],
    ['a map without its last value', 'a101'],
    ['a reserved length', '1c'],
    ['nothing at all', ''],
  ] as const
  for (const [what, hex] of refused) {
    it(`refuses ${what}`, () => {
      expect(decodeHex(hex)).toMatchObject({ ok: false, detail: expect.stringMatching(/./) })
    })
  }

  it('keeps a byte order mark, so that no two texts read as one', () => {
    expect(decodeHex('64efbbbf41')).toEqual({ ok: true, value: '\uFEFFA' })
  })

  it('agrees with an independent decoder wherever both take the input', () => {
    const oracle = {
      strict: true,
      allowIndefinite: false,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      tags: Reference.preserve(18, 61),
    }
    const plain = (value: unknown): unknown =>
      value instanceof Reference || value instanceof Tagged
        ? { tag: value.tag, value: plain(value.value) }
        : Array.isArray(value)
          ? value.map(plain)
          : value instanceof Map
            ? [...value].map(([key, entry]) => [plain(key), plain(entry)])
            : value instanceof Uint8Array
              ? toHex(value)
              : value
    const damaged = fc.tuple(anyValue, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }))
    fc.assert(
      fc.property(damaged, ([value, changes]) => {
        const bytes = Uint8Array.from(encodeCbor(value))
        for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte
        const ours = decodeCbor(bytes, { maxBytes: 1 << 20, maxDepth: 8 })
        if (ours.ok) expect(plain(ours.value)).toEqual(plain(decode(bytes, oracle)))
      }),
      { numRuns: 5000 },
    )
  })

  it('encodes as an independent encoder does', () => {
    fc.assert(
      fc.property(anyValue, value => {
        expect(toHex(encodeCbor(value))).toBe(toHex(encode(value, rfc8949EncodeOptions)))
      }),
    )
  })

  it('refuses duplicate keys deep inside', () => {
    expect(decodeHex('8181a201000100').ok).toBe(false)
  })

  it('keeps an integer key and a text key apart', () => {
    expect(decodeHex('a20100613101')).toEqual({
      ok: true,
      value: new Map<CborValue, CborValue>([
        [1, 0],
        ['1', 1],
      ]),
    })
  })

  it('takes eight levels of nesting and refuses nine, tags counted', () => {
    expect(decodeHex(`${'81'.repeat(8)}00`).ok).toBe(true)
    expect(decodeHex(`${'81'.repeat(9)}00`)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('nesting over 8'),
    })
    expect(decodeHex(`${'a100'.repeat(9)}00`).ok).toBe(false)
    expect(decodeHex(`d2${'81'.repeat(7)}00`).ok).toBe(true)
    expect(decodeHex(`d2${'81'.repeat(8)}00`).ok).toBe(false)
  })

  it('does not count siblings as nesting', () => {
    expect(decodeHex(`98ff${'80'.repeat(255)}`).ok).toBe(true)
    expect(decodeHex(`98ff${'a10080'.repeat(255)}`).ok).toBe(true)
  })

  it('refuses deep nesting without recursing into it', () => {
    expect(decodeCbor(new Uint8Array(1_000_000).fill(0x81), { maxBytes: 1_000_000, maxDepth: 8 }).ok).toBe(false)
  })

  it('refuses input over the limit before looking at it', () => {
    expect(decodeCbor(new Uint8Array(1025), LIMITS)).toEqual({ ok: false, detail: 'over 1024 bytes' })
    expect(decodeCbor(encodeCbor(new Uint8Array(1021)), LIMITS).ok).toBe(true)
  })

  it('refuses lengths far beyond the input at once', () => {
    for (const head of ['5b', '7b', '9b', 'bb'])
      for (const length of ['0000000100000000', '001fffffffffffff', 'ffffffffffffffff'])
        expect(decodeHex(head + length).ok, head + length).toBe(false)
    for (const head of ['5a', '7a', '9a', 'ba']) expect(decodeHex(`${head}ffffffff`).ok, head).toBe(false)
  })

  it('takes what others may write only where a format ignores it, and never takes 1.0 for 1', () => {
    const foreign = { ...LIMITS, foreign: true }
    for (const hex of ['f93c00', 'fa3f800000', 'fb3ff0000000000000']) {
      expect(decodeCbor(fromHex(hex), foreign)).toEqual({ ok: true, value: new CborFloat(1) })
      const decoded = decodeCbor(fromHex(hex), foreign)
      expect(decoded.ok && asUint(decoded.value)).toBeNull()
    }
    expect(decodeCbor(fromHex('c11a65000000'), foreign)).toEqual({ ok: true, value: new Tagged(1, 0x65000000) })
    expect(decodeCbor(fromHex('a1410100'), foreign).ok).toBe(true)
    expect(decodeCbor(fromHex('a241010041010 1'.replace(' ', '')), foreign)).toMatchObject({ ok: false })
    expect(decodeCbor(fromHex('a1810000'), foreign).ok).toBe(false)
  })

  it('never repeats a key in what it says, for a stranger wrote it', () => {
    const decoded = decodeCbor(Buffer.from('a2626b6501626b6502', 'hex'), LIMITS)
    expect(decoded).toEqual({ ok: false, detail: 'a key stands twice' })
  })

  it('keeps tags 18 and 61 visible', () => {
    const decoded = decodeHex('d28100')
    expect(decoded.ok && decoded.value).toBeInstanceOf(Tagged)
    expect(decodeHex('d83d8100').ok).toBe(true)
  })

  it('leaves no second spelling: what it takes encodes to as many bytes, however the input was damaged', () => {
    const damaged = fc.tuple(anyValue, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    fc.assert(
      fc.property(
        fc.oneof(damaged, fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.constant([]))),
        ([value, changes]) => {
          const bytes = Uint8Array.from(value instanceof Uint8Array ? value : encodeCbor(value))
          for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte
          const decoded = decodeCbor(bytes, { maxBytes: 1 << 20, maxDepth: 8 })
          if (decoded.ok) expect(encodeCbor(decoded.value)).toHaveLength(bytes.length)
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('refuses every truncation of a valid item', () => {
    const bytes = encodeCbor(
      new Map<number, unknown>([
        [1, 'text'],
        [2, [1, 2, new Uint8Array(30)]],
        [3, 70_000],
      ]),
    )
    for (let length = 0; length < bytes.length; length++)
      expect(decodeCbor(bytes.subarray(0, length), LIMITS).ok, `${length} bytes`).toBe(false)
  })
})

describe('narrowing of decoded values', () => {
  const values: readonly CborValue[] = [1, -1, 2 ** 53, 1n, 'a', true, null, new Uint8Array(3), [1], new Map()]

  it('lets through exactly the type that was asked for', () => {
    expect(values.filter(value => asUint(value) !== null)).toEqual([1])
    expect(values.filter(value => asText(value) !== null)).toEqual(['a'])
    expect(values.filter(value => asBytes(value) !== null)).toEqual([new Uint8Array(3)])
    expect(values.filter(value => asArray(value) !== null)).toEqual([[1]])
    expect(values.filter(value => asMap(value) !== null)).toEqual([new Map()])
    for (const narrow of [asUint, asText, asBytes, asArray, asMap]) expect(narrow(undefined)).toBeNull()
  })

  it('holds bounds on length and value', () => {
    expect(asBytes(new Uint8Array(3), 3, 3)).not.toBeNull()
    expect(asBytes(new Uint8Array(3), 4)).toBeNull()
    expect(asBytes(new Uint8Array(3), 0, 2)).toBeNull()
    expect(asUint(5, 5)).toBe(5)
    expect(asUint(6, 5)).toBeNull()
  })
})
