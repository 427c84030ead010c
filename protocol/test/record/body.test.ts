import {
  type CborMap,
  COLOURS,
  decodeBody,
  encodeBody,
  encodeCbor,
  MAX_BODY_BYTES,
  OUTCOMES,
  RECORD_TYPES,
  type RecordBody,
  STALENESS,
  TIME_TRUST,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytesAsBytes } from '../equal-bytes.ts'

compareBytesAsBytes()

const tenths = fc.nat(100_000)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const text = fc.constantFrom('', 'hall-door', 'ok', '张')

const anyBody: fc.Arbitrary<RecordBody> = fc
  .record({
    type: fc.constantFrom(...RECORD_TYPES),
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    timeMs: fc.maxSafeNat(),
    timeTrust: fc.constantFrom(...TIME_TRUST),
    scene: optional(text),
    outcome: optional(fc.constantFrom(...OUTCOMES)),
    reason: optional(text),
    family: optional(text),
    colour: optional(fc.constantFrom(...COLOURS)),
    showingTag: optional(fc.uint8Array({ minLength: 8, maxLength: 8 })),
    sealed: optional(fc.uint8Array({ minLength: 24, maxLength: 120 })),
    sceneMap: optional(fc.constant<CborMap>(new Map([[1, 4]]))),
    stages: optional(fc.record({ read: tenths, recognise: tenths, verify: tenths, decide: tenths })),
    basis: optional(
      fc.record({
        issuerKid: fc.option(fc.uint8Array({ minLength: 8, maxLength: 8 })),
        bundleVersion: fc.option(fc.nat()),
        listAsOf: fc.option(fc.nat()),
        staleness: fc.option(fc.constantFrom(...STALENESS)),
      }),
    ),
  })
  .map(
    body =>
      Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as unknown as RecordBody,
  )

const base = new Map<number, unknown>([
  [0, 1],
  [1, 7],
  [2, 1_780_000_000_000],
  [3, 2],
])

describe('a record body', () => {
  it('gives back what was written, with fields that do not apply left out', () => {
    fc.assert(
      fc.property(anyBody, body => {
        expect(decodeBody(encodeBody(body))).toEqual({ ok: true, value: body })
      }),
    )
  })

  it('numbers type, outcome, colour and trust as the format says', () => {
    const bytes = encodeBody({
      type: 'action-failed',
      seq: 7,
      timeMs: 5,
      timeTrust: 'holdover',
      outcome: 'refer',
      colour: 'yellow',
      basis: { issuerKid: null, bundleVersion: 1, listAsOf: null, staleness: 'too-old' },
    })
    expect(bytes).toEqual(
      encodeCbor(
        new Map<number, unknown>([
          [0, 9],
          [1, 7],
          [2, 5],
          [3, 1],
          [5, 3],
          [8, 2],
          [13, [null, 1, null, 2]],
        ]),
      ),
    )
  })

  const wrong: Readonly<Record<string, readonly [field: number, value: unknown]>> = {
    'type 0': [0, 0],
    'type 10': [0, 10],
    'seq 0': [1, 0],
    'a negative seq': [1, -1],
    'a time that is text': [2, 'now'],
    'time trust 3': [3, 3],
    'a scene that is a number': [4, 1],
    'outcome 0': [5, 0],
    'outcome 4': [5, 4],
    'a reason that is a number': [6, 1],
    'a family that is bytes': [7, new Uint8Array(1)],
    'colour 4': [8, 4],
    'a tag of 7 bytes': [9, new Uint8Array(7)],
    'a seal too short for its counter and its box': [10, new Uint8Array(23)],
    'a scene map that is a list': [11, []],
    'three stages': [12, [1, 2, 3]],
    'five stages': [12, [1, 2, 3, 4, 5]],
    'a negative stage': [12, [1, 2, 3, -4]],
    'a basis of three': [13, [null, null, null]],
    'a basis with a kid of 7 bytes': [13, [new Uint8Array(7), null, null, null]],
    'a basis of staleness 3': [13, [null, null, null, 3]],
    'a field that is null': [4, null],
  }
  for (const [what, [field, value]] of Object.entries(wrong)) {
    it(`is refused with ${what}, naming the field`, () => {
      const decoded = decodeBody(encodeCbor(new Map([...base, [field, value]])))
      expect(decoded).toMatchObject({ ok: false, detail: expect.stringContaining(`field ${field} `) })
    })
  }

  it('is refused without type, seq, time or time trust, and taken with these alone', () => {
    expect(decodeBody(encodeCbor(base)).ok).toBe(true)
    for (const field of base.keys()) {
      const without = new Map([...base].filter(([key]) => key !== field))
      expect(decodeBody(encodeCbor(without)).ok, `without ${field}`).toBe(false)
    }
  })

  it('is refused when it is no map, or larger than a record may be', () => {
    expect(decodeBody(encodeCbor([1, 2])).ok).toBe(false)
    const large = new Map([...base, [10, new Uint8Array(MAX_BODY_BYTES)]])
    expect(decodeBody(encodeCbor(large))).toMatchObject({ ok: false, detail: `over ${MAX_BODY_BYTES} bytes` })
  })

  it('is refused at every truncation', () => {
    const bytes = encodeCbor(base)
    for (let length = 0; length < bytes.length; length++) expect(decodeBody(bytes.subarray(0, length)).ok).toBe(false)
  })
})
