import { describe, expect, it } from 'vitest'
import { stageFigures } from '../../src/scenarios/stage-figures.ts'
import type { ShowingEvent } from '../../src/virtual/virtual-device.ts'

function lasting(total: number): ShowingEvent {
  const stages = { read: 1, recognise: 1, verify: 1, decide: 1, record: 1, total }
  return { event: 'showing', seq: 1, outcome: 'admit', reason: 'ok', reader: 'camera', stages }
}

describe('stage figures', () => {
  it('are the nearest ranks, whatever the order', () => {
    const events = Array.from({ length: 200 }, (_, place) => lasting(((place * 37) % 200) + 1))
    expect(stageFigures(events).total).toEqual({ p50: 100, p99: 198 })
  })

  it('of one showing are that showing', () => {
    expect(stageFigures([lasting(7)])).toMatchObject({ read: { p50: 1, p99: 1 }, total: { p50: 7, p99: 7 } })
  })
})
