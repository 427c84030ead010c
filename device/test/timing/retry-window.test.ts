import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LINK_RETRIES } from '../../src/adapters/mqtt/mqtt-link.ts'
import { retryInMs } from '../../src/timing/retry-window.ts'

const DRAW = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the wait before a try', () => {
  it('lies in its window, whatever is drawn and however often it failed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5000 }), DRAW, (failures, draw) => {
        const waitMs = retryInMs(failures, draw, LINK_RETRIES)
        expect(waitMs).toBeGreaterThanOrEqual(LINK_RETRIES.leastMs)
        expect(waitMs).toBeLessThan(Math.min(LINK_RETRIES.maxMs, LINK_RETRIES.firstMs * 2 ** failures))
      }),
    )
  })

  it('spreads 2,000 boxes that lost their broker at one moment over seconds', () => {
    const perSecond = new Map<number, number>()
    for (let box = 0; box < 2000; box++) {
      const second = Math.floor(retryInMs(0, box / 2000, LINK_RETRIES) / 1000)
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(251)
  })

  it('grows with every failure, up to its most', () => {
    const waits = [0, 1, 2, 3, 4].map(failures => retryInMs(failures, 0.5, LINK_RETRIES))
    expect(waits).toEqual([4000, 8000, 16_000, 30_000, 30_000])
  })
})
