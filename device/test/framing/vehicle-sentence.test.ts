import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeVehicleSentence,
  encodeVehicleSentence,
  type VehicleSentence,
} from '../../src/framing/vehicle-sentence.ts'

const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const decode = (sent: string) => decodeVehicleSentence(ascii(sent))

/** With the checksum that belongs to it, so that only its form can be wrong. */
function summed(content: string): string {
  const sum = [...ascii(content)].reduce((so, byte) => so ^ byte, 0)
  return `$${content}*${sum.toString(16).toUpperCase().padStart(2, '0')}`
}

const name = fc.stringMatching(/^[A-Za-z0-9-]{1,16}$/)
const sentence: fc.Arbitrary<VehicleSentence> = fc.oneof(
  fc.record({
    kind: fc.constant('position' as const),
    position: fc.record({
      line: name,
      run: name,
      direction: fc.constantFrom('up' as const, 'down' as const),
      stop: fc.integer({ min: 1, max: 999 }),
    }),
  }),
  fc.record({ kind: fc.constant('key' as const), counter: fc.integer({ min: 0, max: 999_999 }) }),
)

describe('a sentence of an on-board unit', () => {
  it.each<[string, VehicleSentence]>([
    [
      '$BUS,12,A-0701,U,1*49\r\n',
      { kind: 'position', position: { line: '12', run: 'A-0701', direction: 'up', stop: 1 } },
    ],
    ['$BUS,K7,x,D,999*3D\r\n', { kind: 'position', position: { line: 'K7', run: 'x', direction: 'down', stop: 999 } }],
    ['$KEY,0*4B\r\n', { kind: 'key', counter: 0 }],
    ['$KEY,999999*7B\r\n', { kind: 'key', counter: 999_999 }],
  ])('stands on the line as %j', (sent, meant) => {
    expect(text(encodeVehicleSentence(meant))).toBe(sent)
    expect(decode(sent)).toEqual({ ok: true, sentence: meant })
  })

  it('comes back as it was meant, for every sentence there is', () => {
    fc.assert(
      fc.property(sentence, meant => {
        expect(decodeVehicleSentence(encodeVehicleSentence(meant))).toEqual({ ok: true, sentence: meant })
      }),
    )
  })

  it('is taken with its line end and without', () => {
    for (const end of ['', '\r', '\n', '\r\n']) expect(decode(`${summed('KEY,7')}${end}`).ok).toBe(true)
  })

  it('is never accepted with one bit flipped, wherever', () => {
    fc.assert(
      fc.property(sentence, meant => {
        const sent = encodeVehicleSentence(meant)
        for (let bit = 0; bit < sent.length * 8; bit++) {
          const flipped = Uint8Array.from(sent)
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          expect(decodeVehicleSentence(flipped).ok, `bit ${bit} of ${text(sent)}`).toBe(false)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('is never accepted cut short', () => {
    fc.assert(
      fc.property(sentence, meant => {
        const sent = encodeVehicleSentence(meant)
        for (let length = 0; length < sent.length - 2; length++)
          expect(decodeVehicleSentence(sent.subarray(0, length))).toEqual({ ok: false, why: 'bad-form' })
      }),
      { numRuns: 50 },
    )
  })

  it.each(['$KEY,7*00', '$BUS,12,A-0701,U,2*49', '$BUS,13,A-0701,U,1*49', '$GARBAGE*00', '$\xff*00'])(
    'is refused for its checksum: %j',
    sent => {
      expect(decode(sent)).toEqual({ ok: false, why: 'bad-checksum' })
    },
  )

  it.each([
    '',
    '\r\n',
    'KEY,7*4C',
    '$KEY,7',
    '$KEY,7*4',
    `${summed('KEY,7')}\n\r`,
    `${summed('KEY,7')} `,
    ` ${summed('KEY,7')}`,
    `${summed('KEY,7')}${summed('KEY,7')}`,
    summed('KEY,7').replace('4C', '4c'),
    summed('KEY,'),
    summed('KEY,-1'),
    summed('KEY,07'),
    summed('KEY,1000000'),
    summed('KEY,1,2'),
    summed('BUS'),
    summed('BUS,,A,U,1'),
    summed('BUS,12,,U,1'),
    summed('BUS,12345678901234567,A,U,1'),
    summed('BUS,12,12345678901234567,U,1'),
    summed('BUS,1 2,A,U,1'),
    summed('BUS,阜,A,U,1'),
    summed('BUS,12,A,u,1'),
    summed('BUS,12,A,X,1'),
    summed('BUS,12,A,U,0'),
    summed('BUS,12,A,U,1000'),
    summed('BUS,12,A,U,01'),
    summed('BUS,12,A,U,1.5'),
    summed('BUS,12,A,U,1,'),
    summed(`KEY,${'1'.repeat(200)}`),
  ])('is refused for its form: %j', sent => {
    expect(decode(sent)).toEqual({ ok: false, why: 'bad-form' })
  })

  it.each([summed('GPRMC,123519,A'), summed('key,7'), summed('BUSES,1')])('is somebody else’s: %j', sent => {
    expect(decode(sent)).toEqual({ ok: false, why: 'other-sentence' })
  })

  it('is refused and never thrown at, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.constantFrom(...ascii('$*,\r\nBUSKEY0123456789ABCDEF')), { maxLength: 60 })
        .map(bytes => Uint8Array.from(bytes)),
    )
    fc.assert(
      fc.property(bytes, sent => {
        const decoded = decodeVehicleSentence(sent)
        if (decoded.ok) expect(text(encodeVehicleSentence(decoded.sentence))).toContain(text(sent).trimEnd())
        else expect(['bad-checksum', 'bad-form']).toContain(decoded.why)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each<VehicleSentence>([
    { kind: 'position', position: { line: '', run: 'A', direction: 'up', stop: 1 } },
    { kind: 'position', position: { line: '1,2', run: 'A', direction: 'up', stop: 1 } },
    { kind: 'position', position: { line: '1', run: 'A*00', direction: 'up', stop: 1 } },
    { kind: 'position', position: { line: '1', run: 'A', direction: 'up', stop: 0 } },
    { kind: 'position', position: { line: '1', run: 'A', direction: 'up', stop: 1000 } },
    { kind: 'position', position: { line: '1', run: 'A', direction: 'up', stop: 1.5 } },
    { kind: 'key', counter: -1 },
    { kind: 'key', counter: 1_000_000 },
    { kind: 'key', counter: Number.NaN },
  ])('is not made where nobody would take it: %j', meant => {
    expect(() => encodeVehicleSentence(meant)).toThrow(expect.objectContaining({ code: 'vehicle-sentence-invalid' }))
  })
})
