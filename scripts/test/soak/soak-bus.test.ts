import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { growthOf, MOST_GROWTH, soakBus } from '../../soak/soak-bus.ts'

const SHOWINGS = 600
/** A short run is still warming up in its second tenth; a leak of 100 KB a showing would show all the same. */
const MOST_GROWTH_SHORT = 0.3

describe('the soak of a bus', () => {
  it(`stays flat but for warming up over ${SHOWINGS} showings through the PTY`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ankang-soak-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const { signal } = new AbortController()
    const figures = await soakBus({ directory, showings: SHOWINGS, signal, onProgress: () => undefined })
    expect(figures).toMatchObject({ showings: SHOWINGS, admitted: SHOWINGS })
    expect(figures.secondTenthMb).toBeGreaterThan(50) // a process that has ended has none
    expect(figures.growth).toBeLessThan(MOST_GROWTH_SHORT)
  }, 120_000)

  it('compares the second tenth with the last', () => {
    const flat = Array.from({ length: 1000 }, (_, at) => (at < 100 ? 50 : 100 + (at % 2)))
    expect(growthOf(flat)).toEqual({ secondTenthMb: 100.5, lastTenthMb: 100.5, growth: 0 })
    const leaking = flat.map((mb, at) => mb + at / 100)
    expect(growthOf(leaking).growth).toBeGreaterThan(MOST_GROWTH)
  })
})
