import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameCutter } from '../../src/framing/frame-cutter.ts'

describe('a frame cutter', () => {
  it('cuts the same frames however the stream is chunked', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 17 }), (stream, step) => {
        const cutter = new FrameCutter(3, 2)
        const frames: number[][] = []
        for (let at = 0; at < stream.length; at += step)
          for (const frame of cutter.push(stream.subarray(at, at + step), 0)) {
            frames.push([...frame.pixels])
            frame.release()
          }
        const expected: number[][] = []
        for (let at = 0; at + 6 <= stream.length; at += 6) expected.push([...stream.subarray(at, at + 6)])
        expect(frames).toEqual(expected)
      }),
    )
  })

  it('knows when the first byte of a frame came', () => {
    const cutter = new FrameCutter(2, 2)
    expect(cutter.push(Uint8Array.of(1, 2), 10)).toEqual([])
    const frames = cutter.push(Uint8Array.of(3, 4, 5, 6, 7, 8), 20)
    expect(frames.map(frame => frame.startedAtMs)).toEqual([10, 20])
  })

  it('writes into no frame that was not released, and takes no new memory for those that were', () => {
    const cutter = new FrameCutter(2, 1)
    const next = (value: number) => cutter.push(Uint8Array.of(value, value), 0)[0]
    const held = next(1)
    const memory = new Set<Uint8Array | undefined>()
    for (let value = 2; value < 50; value++) {
      const frame = next(value)
      memory.add(frame?.pixels)
      frame?.release()
      frame?.release()
    }
    expect(held?.pixels).toEqual(Uint8Array.of(1, 1))
    expect(memory.size).toBeLessThanOrEqual(2)
  })

  it('forgets a frame that broke off', () => {
    const cutter = new FrameCutter(2, 1)
    cutter.push(Uint8Array.of(9), 0)
    cutter.reset()
    expect(cutter.push(Uint8Array.of(1, 2), 5)).toMatchObject([{ pixels: Uint8Array.of(1, 2), startedAtMs: 5 }])
  })
})
