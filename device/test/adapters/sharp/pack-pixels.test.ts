import { describe, expect, it } from 'vitest'
import { packPixels, tightStrideBytes } from '../../../src/adapters/sharp/pack-pixels.ts'

const RED = [255, 0, 0]
const GREEN = [0, 255, 0]
const BLUE = [0, 0, 255]
const GREY = [0x12, 0x34, 0x56]
const pixels = Uint8Array.of(...RED, ...GREEN, ...BLUE, ...GREY)

describe('pixels for a framebuffer', () => {
  it('are packed as RGB565, low byte first', () => {
    const packed = packPixels(pixels, { width: 4, height: 1, format: 'rgb565', strideBytes: 8 })
    expect([...packed]).toEqual([0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0xaa, 0x11])
  })

  it('are packed as XRGB8888, blue first', () => {
    const packed = packPixels(pixels, { width: 2, height: 2, format: 'xrgb8888', strideBytes: 8 })
    expect([...packed]).toEqual([...[0, 0, 255, 0], ...[0, 255, 0, 0], ...[255, 0, 0, 0], ...[0x56, 0x34, 0x12, 0]])
  })

  it('begin each row where the stride says, and leave alone what is between', () => {
    const packed = packPixels(pixels, { width: 2, height: 2, format: 'rgb565', strideBytes: 7 })
    expect([...packed]).toEqual([0x00, 0xf8, 0xe0, 0x07, 0, 0, 0, 0x1f, 0x00, 0xaa, 0x11, 0, 0, 0])
  })

  it('are written into memory that is there already', () => {
    const target = new Uint8Array(8)
    expect(packPixels(pixels, { width: 4, height: 1, format: 'rgb565', strideBytes: 8 }, target)).toBe(target)
  })

  it('do not fit into a stride that is too small', () => {
    const geometry = { width: 4, height: 1, format: 'rgb565', strideBytes: tightStrideBytes(4, 'rgb565') - 1 } as const
    expect(() => packPixels(pixels, geometry)).toThrow(expect.objectContaining({ code: 'stride-too-small' }))
  })
})
