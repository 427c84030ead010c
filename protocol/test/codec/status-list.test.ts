import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import {
  asBytes,
  asMap,
  type CborMap,
  type CborValue,
  decodeCbor,
  decodeSign1,
  decodeStatusList,
  encodeStatusList,
  fromHex,
  MAX_STATUS_LIST_BYTES,
  type StatusEntries,
  sign1Algorithm,
  statusAt,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'

compareBytesAsBytes()

const vectors = requirement('vectors')
const LIMITS = { maxBytes: 4096, maxDepth: 8 }

function published(name: string): string {
  return readFileSync(join(vectors.value, 'status-list', name), 'utf8')
}

function opened(compressed: Uint8Array): StatusEntries {
  const list = decodeStatusList(compressed)
  if (!list.ok) expect.fail(`the list does not open: ${list.detail}`)
  return list.value
}

function decodedMap(bytes: Uint8Array): CborMap {
  const item = decodeCbor(bytes, LIMITS)
  const map = item.ok ? asMap(item.value) : null
  if (map === null) expect.fail('not a CBOR map')
  return map
}

const bytesOf = (value: CborValue | undefined) => asBytes(value) ?? expect.fail('no byte string')

/** The draft prints CBOR as hex and JSON as text, broken into lines. */
const hexIn = (text: string) => fromHex((text.split('encoded:').at(-1) ?? '').replace(/\s/g, ''))
const jsonIn = (text: string) => JSON.parse((text.split('encoded:').at(-1) ?? '').replace(/\s/g, ''))

const SHORT = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]

describe('the published 2-bit lists', () => {
  vectors.it('opens the short list from CBOR and finds each value', () => {
    const map = decodedMap(hexIn(published('status_list_encoding2_cbor.md')))
    expect(map.get('bits')).toBe(2)
    const list = opened(bytesOf(map.get('lst')))
    expect(list.raw).toEqual(new Uint8Array([0xc9, 0x44, 0xf9]))
    expect(SHORT.map((_, index) => statusAt(list, index))).toEqual(SHORT)
  })

  vectors.it('opens the same list from JSON', () => {
    const json = jsonIn(published('status_list_encoding2_json.md'))
    expect(json.bits).toBe(2)
    expect(opened(Buffer.from(json.lst, 'base64url')).raw).toEqual(new Uint8Array([0xc9, 0x44, 0xf9]))
  })

  vectors.it('finds every published value of the long list, and 0 everywhere else, from CBOR and from JSON', () => {
    const { size, values } = JSON.parse(published('long-2bit.json'))
    const map = decodedMap(hexIn(published('status_list_encoding2_long_cbor.md')))
    const json = jsonIn(published('status_list_encoding2_long_json.md'))
    for (const compressed of [bytesOf(map.get('lst')), Buffer.from(json.lst, 'base64url')]) {
      const list = opened(compressed)
      expect(list.size).toBe(size)
      const found: Record<string, number> = {}
      for (let index = 0; index < size; index++) {
        const value = statusAt(list, index)
        if (value !== 0) found[index] = value ?? -1
      }
      expect(found).toEqual(values)
    }
  })

  vectors.it('writes the long list as the published entries', () => {
    const { size, values } = JSON.parse(published('long-2bit.json'))
    const all = new Uint8Array(size)
    for (const [index, value] of Object.entries<number>(values)) all[Number(index)] = value
    const map = decodedMap(hexIn(published('status_list_encoding2_long_cbor.md')))
    expect(opened(encodeStatusList(all)).raw).toEqual(opened(bytesOf(map.get('lst'))).raw)
  })

  vectors.it('reads the status list token (CWT): header, claims and the list inside', () => {
    const message = decodeSign1(hexIn(published('status_list_cwt.md')), LIMITS)
    if (!message.ok) expect.fail(message.detail)
    expect(sign1Algorithm(message.value)).toBe('ES256')
    expect(message.value.protectedHeader.get(16)).toBe('application/statuslist+cwt')
    const claims = decodedMap(message.value.payload)
    expect([claims.get(2), claims.get(6), claims.get(4), claims.get(65534)]).toEqual([
      'https://example.com/statuslists/1',
      1686920170,
      2291720170,
      43200,
    ])
    const inner = asMap(claims.get(65533))
    expect(inner?.get('bits')).toBe(1)
    expect(opened(bytesOf(inner?.get('lst'))).raw).toEqual(new Uint8Array([0xb9, 0xa3]))
  })
})

describe('status lists', () => {
  it('give back every value that was written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 200 }), values => {
        const list = opened(encodeStatusList(values))
        expect(values.map((_, index) => statusAt(list, index))).toEqual(values)
        expect(list.size).toBe(Math.ceil(values.length / 4) * 4)
      }),
    )
  })

  it('have no evidence outside: before, behind, between and beyond 2^32', () => {
    const list = opened(encodeStatusList([1, 1, 1, 1]))
    for (const index of [-1, 4, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])
      expect(statusAt(list, index), String(index)).toBeNull()
  })

  it('are refused when they inflate past the limit, and taken at it', () => {
    expect(opened(deflateSync(Buffer.alloc(MAX_STATUS_LIST_BYTES))).size).toBe(MAX_STATUS_LIST_BYTES * 4)
    expect(decodeStatusList(deflateSync(Buffer.alloc(MAX_STATUS_LIST_BYTES + 1))).ok).toBe(false)
  })

  it('are refused when they are no zlib, cut short or altered', () => {
    const bytes = encodeStatusList(Array.from({ length: 1000 }, (_, index) => (index * 7) % 4))
    expect(decodeStatusList(new Uint8Array([1, 2, 3])).ok).toBe(false)
    expect(decodeStatusList(new Uint8Array(0)).ok).toBe(false)
    for (let length = 0; length < bytes.length; length++)
      expect(decodeStatusList(bytes.subarray(0, length)).ok, `${length} bytes`).toBe(false)
    const { raw } = opened(bytes)
    for (const [bit, altered] of everyBitFlipped(bytes)) {
      const list = decodeStatusList(altered)
      // A bit of padding may change without effect; the checksum keeps every entry.
      if (list.ok) expect(list.value.raw, `bit ${bit}`).toEqual(raw)
    }
  })
})
