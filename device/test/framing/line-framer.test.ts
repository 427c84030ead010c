import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LineDelimiter, type LineEvent, LineFramer } from '../../src/framing/line-framer.ts'

const MAX_BYTES = 8

function framer(delimiter: LineDelimiter, maxBytes = MAX_BYTES): LineFramer {
  return new LineFramer({ delimiter, maxBytes })
}

function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

/** Frames as text, the rest by its name. */
function told(events: readonly LineEvent[]): string[] {
  return events.map(event => {
    if (event.kind === 'frame') return Buffer.from(event.bytes).toString('latin1')
    return event.kind === 'dropped' ? `(${event.why})` : '(resumed)'
  })
}

describe('a line framer ends a frame', () => {
  it.each<[LineDelimiter, string, string[]]>([
    ['cr', 'ABC\rDE\r', ['ABC', 'DE']],
    ['lf', 'ABC\nDE\n', ['ABC', 'DE']],
    ['crlf', 'ABC\r\nDE\r\n', ['ABC', 'DE']],
    ['etx', '\x02ABC\x03DE\x03', ['ABC', 'DE']],
  ])('at %s, and takes nothing else off', (delimiter, sent, expected) => {
    expect(told(framer(delimiter).push(ascii(sent), 0))).toEqual(expected)
  })

  it('keeps spaces at both ends: they are base45 digits', () => {
    expect(told(framer('cr').push(ascii('  A B  \r'), 0))).toEqual(['  A B  '])
  })

  it('keeps every byte that is no delimiter', () => {
    const all = Uint8Array.from({ length: 256 }, (_, value) => value).filter(value => value !== 0x0d)
    const [event] = framer('cr', 256).push(Uint8Array.of(...all, 0x0d), 0)
    expect(event).toEqual({ kind: 'frame', bytes: all, startedAtMs: 0 })
  })

  it('at CR LF only where the two stand together', () => {
    expect(told(framer('crlf').push(ascii('A\rB\nC\r\r\n'), 0))).toEqual(['A\rB\nC\r'])
  })

  it('by silence where the scanner sends no delimiter', () => {
    const line = framer('idle')
    expect(line.push(ascii('A\rB'), 0)).toEqual([])
    expect(told(line.silence())).toEqual(['A\rB'])
    expect(line.silence()).toEqual([])
  })
})

describe('a line framer', () => {
  it('takes the LF after a CR for the scanner’s line end, also when it comes by itself', () => {
    const line = framer('cr')
    expect(told(line.push(ascii('A\r\nB\r'), 0))).toEqual(['A', 'B'])
    expect(told(line.push(ascii('\nC\r'), 1))).toEqual(['C'])
  })

  it('takes an LF after a pause for the first byte of a code', () => {
    const line = framer('cr')
    line.push(ascii('A\r'), 0)
    expect(line.silence()).toEqual([])
    expect(told(line.push(ascii('\nB\r'), 1))).toEqual(['\nB'])
  })

  it('takes STX off the start of a frame and nowhere else', () => {
    expect(told(framer('etx').push(ascii('\x02\x02A\x02B\x03'), 0))).toEqual(['\x02A\x02B'])
  })

  it.each<[LineDelimiter, string]>([
    ['cr', '\r\r\n\r'],
    ['lf', '\n\n'],
    ['crlf', '\r\n\r\n'],
    ['etx', '\x03\x02\x03'],
  ])('makes no reading of an empty frame (%s)', (delimiter, sent) => {
    expect(framer(delimiter).push(ascii(sent), 0)).toEqual([])
  })

  it('knows when the first byte of a frame came', () => {
    const line = framer('cr')
    expect(line.push(ascii('A'), 10)).toEqual([])
    const events = [...line.push(ascii('B\rC'), 25), ...line.push(ascii('\r'), 30)]
    expect(events).toMatchObject([{ startedAtMs: 10 }, { startedAtMs: 25 }])
  })

  it('accepts a frame of exactly the limit', () => {
    expect(told(framer('crlf').push(ascii('ABCDEFGH\r\n'), 0))).toEqual(['ABCDEFGH'])
    expect(told(framer('cr').push(ascii('ABCDEFGH\r'), 0))).toEqual(['ABCDEFGH'])
  })

  it('drops an over-long frame whole, says so once, and reads the next as if nothing had been', () => {
    const line = framer('cr')
    expect(told(line.push(ascii('ABCDEFGHI'), 0))).toEqual(['(too-long)'])
    expect(line.push(ascii('JKLMNOPQRSTUVWXYZ'), 1)).toEqual([])
    expect(told(line.push(ascii('12\rOK\r'), 2))).toEqual(['(resumed)', 'OK'])
  })

  it('finds its way back by silence where no delimiter comes', () => {
    const line = framer('cr')
    line.push(ascii('ABCDEFGHIJKL'), 0)
    expect(told(line.silence())).toEqual(['(resumed)'])
    expect(told(line.push(ascii('OK\r'), 1))).toEqual(['OK'])
  })

  it('drops a frame that stopped half-way, so that the next is not glued to it', () => {
    const line = framer('crlf')
    line.push(ascii('AB\r'), 5)
    expect(line.silence()).toEqual([{ kind: 'dropped', why: 'incomplete', startedAtMs: 5 }])
    expect(told(line.push(ascii('\nOK\r\n'), 6))).toEqual(['\nOK'])
  })

  it('forgets what had begun when the line is lost', () => {
    const line = framer('cr')
    line.push(ascii('AB'), 0)
    line.reset()
    expect(line.isWaiting).toBe(false)
    expect(told(line.push(ascii('CD\r'), 1))).toEqual(['CD'])
  })

  it('waits for a silence only while something has begun', () => {
    const line = framer('cr')
    expect(line.isWaiting).toBe(false)
    line.push(ascii('A'), 0)
    expect(line.isWaiting).toBe(true)
    line.push(ascii('\r\n'), 1)
    expect(line.isWaiting).toBe(false)
  })

  it('hands out frames that later bytes do not change', () => {
    const line = framer('cr')
    const [first] = line.push(ascii('AAAA\r'), 0)
    line.push(ascii('BBBB\r'), 1)
    expect(first).toMatchObject({ bytes: ascii('AAAA') })
  })

  it('holds no more than the limit, whatever comes without a delimiter', () => {
    const line = framer('cr', 4096)
    const chunk = new Uint8Array(65_536).fill(0x41)
    const before = process.memoryUsage().arrayBuffers
    const events = Array.from({ length: 160 }, (_, turn) => line.push(chunk, turn)).flat()
    expect(told(events)).toEqual(['(too-long)'])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000)
  })
})

describe('chunking', () => {
  const alphabet = fc.constantFrom(0x02, 0x03, 0x0a, 0x0d, 0x41, 0x42, 0x20, 0xff)
  const delimiters = fc.constantFrom<LineDelimiter>('cr', 'lf', 'crlf', 'etx', 'idle')

  it('changes nothing about the frames of a stream', () => {
    fc.assert(
      fc.property(
        delimiters,
        fc.array(fc.array(alphabet, { maxLength: 12 }), { maxLength: 12 }),
        (delimiter, chunks) => {
          const inChunks = framer(delimiter)
          const chunked = chunks.flatMap(chunk => inChunks.push(Uint8Array.from(chunk), 0))
          const whole = framer(delimiter)
          const atOnce = whole.push(Uint8Array.from(chunks.flat()), 0)
          expect([...chunked, ...inChunks.silence()]).toEqual([...atOnce, ...whole.silence()])
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('loses no frame that is neither empty, over-long nor holds the delimiter', () => {
    const frame = fc.array(fc.constantFrom(0x00, 0x20, 0x41, 0xff), { minLength: 1, maxLength: MAX_BYTES })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (frames, step) => {
        const stream = frames.flatMap(bytes => [...bytes, 0x0d, 0x0a])
        const line = framer('crlf')
        const events: LineEvent[] = []
        for (let at = 0; at < stream.length; at += step)
          events.push(...line.push(Uint8Array.from(stream.slice(at, at + step)), 0))
        expect(events.map(event => (event.kind === 'frame' ? [...event.bytes] : event.kind))).toEqual(frames)
      }),
    )
  })
})
