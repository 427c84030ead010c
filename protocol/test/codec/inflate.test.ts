import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { inflateBounded } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'

compareBytesAsBytes()

const refused = (detail: string) => ({ ok: false, detail: expect.stringContaining(detail) })

describe('a zlib stream opened under a limit', () => {
  it('gives back what was packed, at every level', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 9 }), (bytes, level) => {
        expect(inflateBounded(deflateSync(bytes, { level }), 300)).toEqual({ ok: true, value: bytes })
      }),
    )
  })

  it('takes the limit to the byte', () => {
    expect(inflateBounded(deflateSync(new Uint8Array(500)), 500)).toEqual({ ok: true, value: new Uint8Array(500) })
    expect(inflateBounded(deflateSync(new Uint8Array(501)), 500)).toEqual(refused('at most 500 bytes'))
  })

  it('refuses a bomb a thousand times its size', () => {
    expect(inflateBounded(deflateSync(new Uint8Array(20_000_000)), 8192)).toEqual(refused('at most 8192 bytes'))
  })

  it('refuses anything behind the end of the stream', () => {
    const packed = deflateSync(Buffer.from('content'))
    expect(inflateBounded(Buffer.concat([packed, Buffer.of(0)]), 100)).toEqual(refused('1 bytes after'))
    expect(inflateBounded(Buffer.concat([packed, packed]), 100)).toEqual(refused(`${packed.length} bytes after`))
  })

  it('refuses what is cut short, packed otherwise, or asks for a dictionary', () => {
    const content = Buffer.from('content')
    const packed = deflateSync(content)
    for (let length = 0; length < packed.length; length++)
      expect(inflateBounded(packed.subarray(0, length), 100).ok, `${length} bytes`).toBe(false)
    for (const other of [
      content,
      deflateRawSync(content),
      gzipSync(content),
      deflateSync(content, { dictionary: content }),
    ])
      expect(inflateBounded(other, 100).ok).toBe(false)
  })

  it('never gives other content than was packed, and never throws', () => {
    const content = Buffer.from('some content, some of it twice')
    for (const [bit, changed] of everyBitFlipped(deflateSync(content))) {
      const opened = inflateBounded(changed, 100)
      if (opened.ok) expect(opened.value, `bit ${bit}`).toEqual(content)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(inflateBounded(bytes, 100)).toHaveProperty('ok')
      }),
    )
  })
})
