import type { BusPosition, Ride } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { ShownRide } from '../../src/scenarios/bus-showings.ts'
import { ledgerFailures, sumOfFares } from '../../src/scenarios/ride-ledger.ts'

const position: BusPosition = { line: '8', run: '8-01', direction: 'up', stop: 3 }
const stages = { read: 0, recognise: 0, verify: 0, decide: 0, record: 0, total: 0 }

/** A showing that came out as it had to: a ride where it has a fare, else a refusal. */
function shown(seq: number, fareFen: number | null): ShownRide {
  const [outcome, reason] = fareFen === null ? (['deny', 'replayed'] as const) : (['admit', 'ok'] as const)
  const showing = { scenario: 'somebody', code: Uint8Array.of(seq), expected: { outcome, reason, fareFen } }
  return { showing, event: { event: 'showing', seq, outcome, reason, reader: 'scanner', stages }, position }
}

function recorded(chargedFen: number, changes: Partial<Ride> = {}): Ride {
  return {
    tag: new Uint8Array(8),
    chargedFen,
    fullFareFen: 200,
    operator: 'county-bus',
    position,
    fareClass: 'ordinary',
    transfer: null,
    day: 20_260_529,
    byDriverKey: false,
    ...changes,
  }
}

const day = [shown(4, 200), shown(5, null), shown(6, 0), shown(7, 100)]
const rides: readonly (readonly [number, Ride])[] = [
  [4, recorded(200)],
  [6, recorded(0)],
  [7, recorded(100)],
]

function failures(...ledger: readonly (readonly [number, Ride])[]): string[] {
  return ledgerFailures('bus-1', day, new Map(ledger))
}

describe('the rides of a bus beside their export', () => {
  it('are all there, each at its fare and place', () => {
    expect(failures(...rides)).toEqual([])
    expect(sumOfFares(new Map(rides))).toBe(300)
  })

  it('are missed when one is not exported', () => {
    expect(failures(...rides.slice(1))).toEqual([
      'bus-1, record 4: somebody rode, and no ride is in the export',
      'bus-1: 3 rides, but 2 in the export',
      'bus-1: fares of 300 fen, but 100 in the export',
    ])
  })

  it('are noticed when nobody rode them', () => {
    expect(failures(...rides, [5, recorded(0)])).toEqual(['bus-1: 3 rides, but 4 in the export'])
  })

  it('are told of when they cost something else', () => {
    expect(failures([4, recorded(150)], ...rides.slice(1))).toEqual([
      'bus-1, record 4: somebody should cost 200 fen, was charged 150',
      'bus-1: fares of 300 fen, but 250 in the export',
    ])
  })

  it('are told of when their record names another place', () => {
    const elsewhere = { ...position, stop: 4 }
    expect(failures(...rides.slice(0, 2), [7, recorded(100, { position: elsewhere })])).toEqual([
      expect.stringMatching(/^bus-1, record 7: somebody was at .*"stop":3.*, the record says .*"stop":4/),
    ])
  })
})
