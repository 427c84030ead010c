import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LineDelimiter, type LineEvent, LineFramer } from '../../src/framing/line-framer.ts'
import { RIDE_LENGTHS, rideCode, rideLength } from '../fixtures/ride-code.ts'

const DELIMITED = ['cr', 'lf', 'crlf', 'etx'] as const
const END: Readonly<Record<LineDelimiter, readonly number[]>> = {
  cr: [0x0d],
  lf: [0x0a],
  crlf: [0x0d, 0x0a],
  etx: [0x03],
  idle: [],
}
const LINE_ENDS = [0x0d, 0x0a, 0x02, 0x03]
const TEXT = new Uint8Array(Buffer.from('AK1:ABC', 'latin1'))

const framer = (delimiter: LineDelimiter, maxBytes = 4096): LineFramer =>
  new LineFramer({ delimiter, maxBytes, declaredLength: rideLength })

const joined = (...parts: readonly Iterable<number>[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part]))

/** Frames as their bytes, the rest by its name. */
function told(events: readonly LineEvent[]): (Uint8Array | string)[] {
  return events.map(event => {
    if (event.kind === 'frame') return event.bytes
    return event.kind === 'dropped' ? event.why : event.kind
  })
}

/** A code in which every byte after the header ends a line, in every order. */
function hostileCode(lengthBytes: number): Uint8Array {
  return rideCode(lengthBytes, at => LINE_ENDS[(at + (at >> 2)) % LINE_ENDS.length] ?? 0)
}

describe.each(DELIMITED)('a code that says its own length (%s)', delimiter => {
  const end = END[delimiter]
  const code = hostileCode(RIDE_LENGTHS.shortest)

  it('a ride code cut at every byte boundary is read whole', () => {
    const sent = joined(code, end)
    for (let cut = 0; cut <= sent.length; cut++) {
      const line = framer(delimiter)
      const events = [...line.push(sent.subarray(0, cut), 0), ...line.push(sent.subarray(cut), 1)]
      expect(told(events), `cut at ${cut}`).toEqual([code])
      expect(line.isWaiting, `cut at ${cut}`).toBe(delimiter === 'cr')
    }
  })

  it('is read whole byte by byte', () => {
    const line = framer(delimiter)
    expect(told([...joined(code, end)].flatMap(byte => line.push(Uint8Array.of(byte), 0)))).toEqual([code])
  })

  it('is read whole back to back with others, and with codes that say no length', () => {
    const longest = hostileCode(RIDE_LENGTHS.longest)
    const sent = joined(code, end, TEXT, end, longest, end, longest, end, TEXT, end)
    expect(told(framer(delimiter).push(sent, 0))).toEqual([code, TEXT, longest, longest, TEXT])
  })

  it.each([0x0d, 0x0a, 0x02, 0x03])('may consist of bytes %i throughout', byte => {
    const uniform = rideCode(RIDE_LENGTHS.shortest, () => byte)
    expect(told(framer(delimiter).push(joined(uniform, end, uniform, end), 0))).toEqual([uniform, uniform])
  })

  it('knows when its first byte came', () => {
    const line = framer(delimiter)
    line.push(code.subarray(0, 1), 10)
    line.push(code.subarray(1), 20)
    expect(line.push(Uint8Array.from(end), 30)).toMatchObject([{ startedAtMs: 10 }])
  })

  it('loses neither itself nor the next where the delimiter was lost between them', () => {
    expect(told(framer(delimiter).push(joined(code, code, end, TEXT, end), 0))).toEqual([code, code, TEXT])
  })

  it('breaks alone where one of its bytes was lost', () => {
    const [read, ...rest] = told(framer(delimiter).push(joined(code.subarray(0, -1), end, code, end), 0))
    expect(read).toHaveLength(code.length)
    expect(rest).toEqual([code])
  })

  it('is whole by its own word where silence follows instead of the delimiter', () => {
    const line = framer(delimiter)
    expect(line.push(code, 0)).toEqual([])
    expect(line.isWaiting).toBe(true)
    expect(told(line.silence())).toEqual([code])
    expect(told(line.push(joined(TEXT, end), 0))).toEqual([TEXT])
  })

  it('is dropped where silence comes before its length is there', () => {
    const line = framer(delimiter)
    line.push(
      code
        .subarray(0, 200)
        .map(() => 0x41)
        .fill(0x80, 0, 1)
        .fill(0x01, 1, 2)
        .fill(0x49, 2, 3),
      5,
    )
    expect(line.silence()).toEqual([{ kind: 'dropped', why: 'incomplete', startedAtMs: 5 }])
    expect(told(line.push(joined(code, end), 6))).toEqual([code])
  })

  it('is delivered short where silence comes behind its delimiter, for its family to refuse', () => {
    const line = framer(delimiter)
    const short = Uint8Array.of(0x80, 0x01, 0x49, 0x41)
    expect(line.push(joined(short, end), 5)).toEqual([])
    expect(line.silence()).toEqual([{ kind: 'frame', bytes: short, startedAtMs: 5 }])
    expect(told(line.push(joined(TEXT, end), 6))).toEqual([TEXT])
  })

  it('is forgotten with its length when the line is lost', () => {
    const line = framer(delimiter)
    line.push(code.subarray(0, 100), 0)
    line.reset()
    expect(told(line.push(joined(TEXT, end), 0))).toEqual([TEXT])
  })

  it('may be as long as the limit, and is not believed beyond it', () => {
    expect(told(framer(delimiter, code.length).push(joined(code, end), 0))).toEqual([code])
    const boaster = rideCode(RIDE_LENGTHS.longest, () => 0x41).subarray(0, 10)
    const line = framer(delimiter, RIDE_LENGTHS.longest - 1)
    expect(told(line.push(joined(boaster, end, TEXT, end), 0))).toEqual([boaster, TEXT])
  })

  it('is found again after a frame that was too long', () => {
    const line = framer(delimiter, RIDE_LENGTHS.shortest)
    const flood = new Uint8Array(1000).fill(0x80)
    expect(told(line.push(joined(flood, end, code, end), 0))).toEqual(['too-long', 'resumed', code])
  })
})

describe('a declared length', () => {
  it('has a leading STX taken off before it is looked for', () => {
    const code = hostileCode(RIDE_LENGTHS.shortest)
    const sent = joined([0x02], code, [0x03, 0x02], code, [0x03])
    expect(told(framer('etx').push(sent, 0))).toEqual([code, code])
  })

  it('leaves the LF after a CR to the scanner, as after any code', () => {
    const code = hostileCode(RIDE_LENGTHS.shortest)
    const line = framer('cr')
    expect(told(line.push(joined(code, [0x0d, 0x0a], code, [0x0d]), 0))).toEqual([code, code])
    expect(told(line.push(joined([0x0a], code, [0x0d]), 0))).toEqual([code])
  })

  it.each([0x0d, 0x0a])('takes half a CR LF for the delimiter (%i), so that the next code is found', half => {
    const code = hostileCode(RIDE_LENGTHS.shortest)
    expect(told(framer('crlf').push(joined(code, [half], code, [0x0d, 0x0a]), 0))).toEqual([code, code])
    const line = framer('crlf')
    line.push(joined(code, [0x0d]), 0)
    expect(told(line.silence())).toEqual([code])
  })

  it('counts the byte that completes the header as data, whichever it is', () => {
    const short = Uint8Array.of(0x80, 0x00, 0x0d, ...new Uint8Array(13).fill(0x0d))
    const line = new LineFramer({ delimiter: 'cr', maxBytes: 64, declaredLength: anyLength })
    expect(told(line.push(joined(short, [0x0d]), 0))).toEqual([short])
  })

  it('is not believed where it is shorter than what has come, or no length at all', () => {
    for (const nonsense of [0, -1, 4.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const line = new LineFramer({ delimiter: 'cr', maxBytes: 64, declaredLength: () => nonsense })
      expect(told(line.push(joined(TEXT, [0x0d]), 0))).toEqual([TEXT])
    }
  })

  it('is looked for in the first bytes alone', () => {
    let asked = 0
    const declaredLength = (head: Uint8Array) => {
      asked += 1
      expect(head.length).toBeLessThanOrEqual(8)
      return null
    }
    const line = new LineFramer({ delimiter: 'cr', maxBytes: 4096, declaredLength })
    line.push(new Uint8Array(100_000).fill(0x41), 0)
    expect(asked).toBe(8)
  })

  it('cannot be changed into another by who is asked for it', () => {
    const declaredLength = (head: Uint8Array) => {
      head.fill(0)
      return null
    }
    const line = new LineFramer({ delimiter: 'cr', maxBytes: 64, declaredLength })
    expect(told(line.push(joined(TEXT, [0x0d]), 0))).toEqual([TEXT])
  })
})

/** Like `rideLength` with lengths that a random stream really reaches. */
function anyLength(head: Uint8Array): number | null {
  const [version, high, low] = head
  return version === 0x80 && high !== undefined && low !== undefined ? 3 + high * 256 + low : null
}

describe('chunking with declared lengths', () => {
  const alphabet = fc.constantFrom(0x80, 0x80, 0x00, 0x00, 0x02, 0x03, 0x05, 0x0a, 0x0d, 0x41)
  const chunks = fc.array(fc.array(alphabet, { maxLength: 16 }), { maxLength: 12 })
  const delimiters = fc.constantFrom<LineDelimiter>('cr', 'lf', 'crlf', 'etx', 'idle')
  const make = (delimiter: LineDelimiter, declares = true): LineFramer =>
    new LineFramer({ delimiter, maxBytes: 12, ...(declares ? { declaredLength: anyLength } : {}) })
  const whole = (line: LineFramer, sent: Uint8Array): LineEvent[] => [...line.push(sent, 0), ...line.silence()]

  it('changes nothing about the frames of a stream', () => {
    fc.assert(
      fc.property(delimiters, chunks, (delimiter, sent) => {
        const line = make(delimiter)
        const chunked = sent.flatMap(chunk => line.push(Uint8Array.from(chunk), 0))
        expect([...chunked, ...line.silence()]).toEqual(whole(make(delimiter), joined(...sent)))
      }),
      { numRuns: 5_000 },
    )
  })

  it('changes nothing where silence ends a code, nor where no code declares a length', () => {
    fc.assert(
      fc.property(delimiters, chunks, (delimiter, sent) => {
        const stream = joined(...sent).map(byte => (delimiter === 'idle' || byte !== 0x80 ? byte : 0x81))
        expect(whole(make(delimiter), stream)).toEqual(whole(make(delimiter, false), stream))
      }),
      { numRuns: 2_000 },
    )
  })

  it('loses no code of a stream, whatever bytes it holds and however it is cut', () => {
    const ride = fc
      .uint8Array({ minLength: RIDE_LENGTHS.shortest, maxLength: RIDE_LENGTHS.longest })
      .map(bytes => rideCode(bytes.length, at => bytes[at] ?? 0))
    const text = fc
      .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength: 1, maxLength: 40 })
      .map(bytes => Uint8Array.from(bytes))
    const codes = fc.array(fc.oneof(ride, text), { maxLength: 5 })
    const step = fc.integer({ min: 1, max: 400 })
    fc.assert(
      fc.property(fc.constantFrom(...DELIMITED), codes, step, (delimiter, sent, stepBytes) => {
        const stream = joined(...sent.flatMap(code => [code, END[delimiter]]))
        const line = framer(delimiter)
        const events: LineEvent[] = []
        for (let at = 0; at < stream.length; at += stepBytes)
          events.push(...line.push(stream.subarray(at, at + stepBytes), 0))
        expect(told(events)).toEqual(sent)
      }),
      { numRuns: 300 },
    )
  })
})
