import { describe, expect, it } from 'vitest'
import { CodeHold } from '../../src/framing/code-hold.ts'

const A = Uint8Array.of(1)
const B = Uint8Array.of(2)

describe('a code in view', () => {
  it('is one showing, however long it stays', () => {
    const hold = new CodeHold(1000)
    const seen = Array.from({ length: 100 }, (_, frame) => hold.isNewShowing(A, frame * 900))
    expect(seen.filter(Boolean)).toEqual([true])
    expect(seen[0]).toBe(true)
  })

  it('is a new showing after more than the hold out of view, counted from its last sight', () => {
    const hold = new CodeHold(1000)
    hold.isNewShowing(A, 0)
    hold.isNewShowing(A, 700)
    expect(hold.isNewShowing(A, 1700)).toBe(false)
    expect(hold.isNewShowing(A, 2701)).toBe(true)
  })

  it('does not hide another one', () => {
    const hold = new CodeHold(1000)
    hold.isNewShowing(A, 0)
    expect(hold.isNewShowing(B, 1)).toBe(true)
  })

  it('is one showing also while two take turns before the camera', () => {
    const hold = new CodeHold(1000)
    const seen = Array.from({ length: 20 }, (_, frame) => hold.isNewShowing(frame % 2 === 0 ? A : B, frame * 33))
    expect(seen.filter(Boolean)).toHaveLength(2)
  })
})
