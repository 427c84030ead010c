import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PacketGuard } from '../../src/codec/mqtt-packet-guard.ts'

const LIMIT = 1000

/** An MQTT packet with a body of that many bytes. */
function packet(bodyBytes: number): Uint8Array {
  const length: number[] = []
  let rest = bodyBytes
  do {
    length.push((rest % 128) + (rest >= 128 ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Uint8Array.from([0x30, ...length, ...new Uint8Array(bodyBytes).fill(0xff)])
}

function split(bytes: Uint8Array, chunkBytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return chunks
}

it('allows any packets within the limit, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: LIMIT }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 700 }),
      (sizes, chunkBytes) => {
        const guard = new PacketGuard(LIMIT)
        const stream = Buffer.concat(sizes.map(packet))
        expect(split(stream, chunkBytes).every(chunk => guard.allows(chunk))).toBe(true)
      },
    ),
  )
})

it('refuses a longer packet as soon as its length is read, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: LIMIT }), { maxLength: 4 }),
      fc.integer({ min: LIMIT + 1, max: 100_000 }),
      fc.integer({ min: 1, max: 700 }),
      (sizes, tooLong, chunkBytes) => {
        const guard = new PacketGuard(LIMIT)
        const header = packet(tooLong).subarray(0, tooLong < 16_384 ? 3 : 4)
        const stream = Buffer.concat([...sizes.map(packet), header])
        expect(split(stream, chunkBytes).every(chunk => guard.allows(chunk))).toBe(false)
      },
    ),
  )
})

it('refuses a length field of more than four bytes', () => {
  expect(new PacketGuard(2 ** 40).allows(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff))).toBe(false)
})
