import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CodeHold } from '../../src/framing/code-hold.ts'

const A = Uint8Array.of(1)
const B = Uint8Array.of(2)
const FRAME_MS = 50

/** Looks at one frame after another; which looks were new showings. */
function looks(hold: CodeHold, frames: readonly (Uint8Array | null)[], fromMs = 0): boolean[] {
  return frames.map((frame, index) => hold.look(frame, fromMs + index * FRAME_MS))
}

describe('a code in view', () => {
  it('is one showing, however long it stays', () => {
    const seen = looks(new CodeHold(1000), Array(1000).fill(A))
    expect(seen.filter(Boolean)).toEqual([true])
    expect(seen[0]).toBe(true)
  })

  it('is a new showing once frames without it were looked at for more than the hold', () => {
    const gone = (frames: number) => {
      const hold = new CodeHold(1000)
      looks(hold, [A, ...Array(frames).fill(null)])
      return hold.look(A, (frames + 1) * FRAME_MS)
    }
    expect(gone(19)).toBe(false)
    expect(gone(20)).toBe(true)
  })

  it('is not gone because nobody looked: a stall makes no second showing', () => {
    const hold = new CodeHold(1000)
    looks(hold, [A, A])
    expect(hold.look(A, 60_000)).toBe(false)
    expect(hold.look(null, 120_000)).toBe(false)
    expect(hold.look(A, 180_000)).toBe(false)
  })

  it('does not hide another one', () => {
    const hold = new CodeHold(1000)
    expect([hold.look(A, 0), hold.look(B, 1)]).toEqual([true, true])
  })

  it('is one showing also while two take turns before the camera', () => {
    const seen = looks(
      new CodeHold(1000),
      Array.from({ length: 60 }, (_, frame) => (frame % 2 === 0 ? A : B)),
    )
    expect(seen.filter(Boolean)).toHaveLength(2)
  })

  it('is shown again only after a true absence, whatever the rhythm of the frames', () => {
    const step = fc.record({ gapMs: fc.nat(5000), present: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const hold = new CodeHold(1000)
        let now = 0
        let emptyLooks = 4
        for (const { gapMs, present } of steps) {
          now += gapMs
          const isNew = hold.look(present ? A : null, now)
          // Each look counts for a quarter of the hold at most, so that fewer than four in vain never end a showing.
          if (isNew) expect(emptyLooks).toBeGreaterThanOrEqual(4)
          emptyLooks = present ? 0 : emptyLooks + 1
        }
      }),
    )
  })
})
