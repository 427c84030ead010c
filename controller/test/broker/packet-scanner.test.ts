import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PacketScanner } from '../../src/broker/packet-scanner.ts'

/** An MQTT packet with a body of that many bytes. */
function packet(type: number, bodyBytes: number): Uint8Array {
  const length: number[] = []
  let rest = bodyBytes
  do {
    length.push((rest % 128) + (rest >= 128 ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Uint8Array.from([type << 4, ...length, ...new Uint8Array(bodyBytes).fill(0xff)])
}

/** What a scanner makes of a stream that comes in pieces: packets with their first and last place in it. */
function scan(stream: Uint8Array, pieceBytes: number) {
  const scanner = new PacketScanner()
  const packets: { type: number; lengthBytes: number; end: number | null }[] = []
  for (let from = 0; from < stream.length; from += pieceBytes) {
    const piece = stream.subarray(from, from + pieceBytes)
    for (let at = 0; ; ) {
      const event = scanner.next(piece, at)
      if (event.kind === 'malformed') return { packets, malformed: true, isInside: scanner.isInside }
      if (event.kind === 'more') break
      at = event.at
      const last = packets.at(-1)
      if (event.kind === 'header') packets.push({ type: event.type, lengthBytes: event.lengthBytes, end: null })
      else if (last !== undefined) last.end = from + at
    }
  }
  return { packets, malformed: false, isInside: scanner.isInside }
}

const wanted = fc.array(fc.record({ type: fc.integer({ min: 1, max: 14 }), bytes: fc.nat(20_000) }), { maxLength: 8 })

it('finds every packet, its type, length and end, however the stream is cut', () => {
  fc.assert(
    fc.property(wanted, fc.integer({ min: 1, max: 700 }), (wanted, pieceBytes) => {
      const all = wanted.map(({ type, bytes }) => packet(type, bytes))
      let end = 0
      const expected = wanted.map(({ type, bytes }, place) => {
        end += all[place]?.length ?? 0
        return { type, lengthBytes: bytes, end }
      })
      expect(scan(Buffer.concat(all), pieceBytes)).toEqual({ packets: expected, malformed: false, isInside: false })
    }),
  )
})

it('knows a length before the bytes are there, and that the packet is not whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 268_435_455 }), fc.integer({ min: 1, max: 5 }), (lengthBytes, pieceBytes) => {
      const header = packet(3, 0).subarray(0, 1)
      const digits: number[] = []
      for (let rest = lengthBytes; rest > 0; rest = Math.floor(rest / 128))
        digits.push((rest % 128) + (rest >= 128 ? 0x80 : 0))
      const found = scan(Uint8Array.from([...header, ...digits]), pieceBytes)
      expect(found).toEqual({ packets: [{ type: 3, lengthBytes, end: null }], malformed: false, isInside: true })
    }),
  )
})

it('refuses a length field of more than four bytes', () => {
  expect(scan(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff), 1)).toMatchObject({ packets: [], malformed: true })
})
