import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RepeatHold } from '../../src/framing/repeat-hold.ts'

const A = Uint8Array.of(1)
const B = Uint8Array.of(2)

describe('a code that a scanner sends again and again', () => {
  it('is one showing, however long it is held', () => {
    const hold = new RepeatHold(1500)
    const seen = Array.from({ length: 200 }, (_, turn) => hold.isNewShowing(A, turn * 100))
    expect(seen.indexOf(true)).toBe(0)
    expect(seen.lastIndexOf(true)).toBe(0)
  })

  it('is a new showing once it did not come for the hold', () => {
    const hold = new RepeatHold(1500)
    expect([0, 1499, 2998, 4498].map(nowMs => hold.isNewShowing(A, nowMs))).toEqual([true, false, false, true])
  })

  it('does not hide another one, also where the two take turns', () => {
    const hold = new RepeatHold(1500)
    const seen = Array.from({ length: 40 }, (_, turn) => hold.isNewShowing(turn % 2 === 0 ? A : B, turn * 100))
    expect(seen.flatMap((isNew, turn) => (isNew ? [turn] : []))).toEqual([0, 1])
  })

  it('is told from one that only begins like it', () => {
    const hold = new RepeatHold(1500)
    expect(hold.isNewShowing(Uint8Array.of(1, 2), 0)).toBe(true)
    expect(hold.isNewShowing(Uint8Array.of(1), 1)).toBe(true)
    expect(hold.isNewShowing(Uint8Array.of(1, 2, 0), 2)).toBe(true)
  })

  it('is compared as it was, whatever becomes of its buffer', () => {
    const hold = new RepeatHold(1500)
    const buffer = Uint8Array.of(1)
    hold.isNewShowing(buffer, 0)
    buffer[0] = 2
    expect([hold.isNewShowing(buffer, 1), hold.isNewShowing(A, 2)]).toEqual([true, false])
  })

  it('is a new showing at each arrival where nothing is held', () => {
    const hold = new RepeatHold(0)
    expect([hold.isNewShowing(A, 5), hold.isNewShowing(A, 5)]).toEqual([true, true])
  })

  it('is remembered among four, and the one that came longest ago is forgotten first', () => {
    const hold = new RepeatHold(1500)
    const codes = [1, 2, 3, 4].map(value => Uint8Array.of(value))
    for (const code of codes) hold.isNewShowing(code, 0)
    expect(codes.map(code => hold.isNewShowing(code, 1))).toEqual([false, false, false, false])
    expect(hold.isNewShowing(Uint8Array.of(5), 2)).toBe(true) // the fifth: code 1 is forgotten
    expect(hold.isNewShowing(Uint8Array.of(2), 3)).toBe(false)
    expect(hold.isNewShowing(Uint8Array.of(1), 4)).toBe(true)
  })

  it('is never a new showing twice within the hold, whatever else comes of up to three others', () => {
    const arrival = fc.record({ code: fc.nat(3), gapMs: fc.nat(700) })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), arrivals => {
        const hold = new RepeatHold(1500)
        const lastMs = new Map<number, number>()
        let nowMs = 0
        for (const { code, gapMs } of arrivals) {
          nowMs += gapMs
          const before = lastMs.get(code)
          expect(hold.isNewShowing(Uint8Array.of(code), nowMs)).toBe(before === undefined || nowMs - before >= 1500)
          lastMs.set(code, nowMs)
        }
      }),
    )
  })
})
