import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePgm, pgmHeader } from '../../src/framing/pgm.ts'

const MAX_PIXELS = 1_000

function file(header: string, ...pixels: number[]): Uint8Array {
  return Uint8Array.of(...Buffer.from(header, 'latin1'), ...pixels)
}

describe('a PGM file', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat(255)),
        (width, height, values) => {
          const frame = { width, height, pixels: Uint8Array.from([...values.take(width * height)]) }
          expect(
            decodePgm(file(Buffer.from(pgmHeader(width, height)).toString(), ...frame.pixels), MAX_PIXELS),
          ).toEqual({ ok: true, frame })
        },
      ),
    )
  })

  it('may carry comments and any white space in its header', () => {
    const bytes = file('P5 # by hand\n2\t2\n# gray\n255\n', 1, 2, 3, 4)
    expect(decodePgm(bytes, MAX_PIXELS)).toMatchObject({
      ok: true,
      frame: { width: 2, pixels: Uint8Array.of(1, 2, 3, 4) },
    })
  })

  it('is stretched where its white is not 255', () => {
    expect(decodePgm(file('P5 3 1 15\n', 0, 5, 15), MAX_PIXELS)).toMatchObject({
      frame: { pixels: Uint8Array.of(0, 85, 255) },
    })
  })

  it.each([
    ['P2 1 1 255\n', 'not-pgm'],
    ['P5 1 x 255\n', 'header-broken'],
    ['P5 0 1 255\n', 'header-broken'],
    ['P5 1 1 65535\n', 'header-broken'],
    ['P5 999999 999999 255\n', 'too-large'],
    ['P5 2 2 255\n', 'pixels-missing'],
  ])('%j is refused as %s', (header, why) => {
    expect(decodePgm(file(header, 1, 2, 3), MAX_PIXELS)).toEqual({ ok: false, why })
  })

  it('never throws, whatever follows its first two letters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), rest => {
        expect(typeof decodePgm(file('P5', ...rest), MAX_PIXELS).ok).toBe('boolean')
      }),
    )
  })
})
