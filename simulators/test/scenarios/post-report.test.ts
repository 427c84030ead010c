import { describe, expect, it } from 'vitest'
import { type PostReport, postFailures } from '../../src/scenarios/post-report.ts'
import type { ShownShowing } from '../../src/scenarios/shown-showing.ts'

const stages = { read: 0, recognise: 0, verify: 0, decide: 0, record: 0, total: 0 }

function shown(seq: number, expected: 'ok' | 'replayed', came = expected): ShownShowing {
  const outcomeOf = (reason: string) => (reason === 'ok' ? 'admit' : 'deny') as 'admit' | 'deny'
  return {
    showing: {
      scenario: 'somebody',
      code: Uint8Array.of(seq),
      expected: { outcome: outcomeOf(expected), reason: expected },
    },
    event: { event: 'showing', seq, outcome: outcomeOf(came), reason: came, reader: 'scanner', stages },
  }
}

const two = [shown(3, 'ok'), shown(4, 'replayed')]
const door: PostReport = {
  device: 'hall-door-1',
  scene: 'hall-door',
  reader: 'scanner',
  shown: 2,
  recordsWritten: 2,
  recordsStored: 2,
  duplicates: 0,
  gaps: 0,
  openings: 1,
  voices: 2,
  rides: 0,
  chargedFen: 0,
}

describe('the counts of a post', () => {
  it('agree when everything is written, stored, opened and said once', () => {
    expect(postFailures(door, two)).toEqual([])
    expect(postFailures({ ...door, device: 'bus-1', scene: 'bus', openings: 0, rides: 1 }, two)).toEqual([])
  })

  it.each([
    [{ recordsWritten: 1, recordsStored: 1 }, '2 showings, but 1 records written'],
    [{ recordsStored: 1 }, '2 records written, but 1 stored'],
    [{ duplicates: 1 }, '1 records stored twice'],
    [{ gaps: 1 }, '1 records missing in the store'],
    [{ openings: 2 }, '1 admissions, but 2 openings'],
    [{ voices: 3 }, '2 showings, but 3 voices played'],
  ])('that are off by one are told of: %j', (change, what) => {
    expect(postFailures({ ...door, ...change }, two)).toEqual([`hall-door-1: ${what}`])
  })

  it('tell of a showing that came out otherwise', () => {
    expect(postFailures(door, [shown(3, 'ok'), shown(4, 'ok', 'replayed')])).toEqual([
      'hall-door-1, record 4: somebody should admit (ok), did deny (replayed)',
    ])
  })

  it('tell of a bus whose output moved, since it has none', () => {
    expect(postFailures({ ...door, device: 'bus-1', scene: 'bus' }, two)).toEqual([
      'bus-1: 0 admissions, but 1 openings',
    ])
  })
})
