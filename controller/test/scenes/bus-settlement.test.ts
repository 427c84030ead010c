import type { BusPosition, Ride } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareRides,
  findTransfers,
  type OperatorSums,
  type RideRecord,
  type Sums,
  settleDay,
} from '../../src/scenes/bus-settlement.ts'
import { aRide, DAY, tagOf } from '../fixtures/bus-rides.ts'
import { START_MS } from '../fixtures/signing-device.ts'

const MINUTE_MS = 60_000
const on = (line: string, direction: BusPosition['direction'] = 'up'): BusPosition => ({
  line,
  run: '1',
  direction,
  stop: 1,
})

/** One person's rides, each so many minutes after the start. */
function ridesAt(...rides: readonly (readonly [minute: number, ride: Partial<Ride>])[]): RideRecord[] {
  return rides.map(([minute, ride], index) => ({
    device: 'bus-1',
    epoch: '00'.repeat(8),
    seq: index + 1,
    timeMs: START_MS + minute * MINUTE_MS,
    ride: aRide(ride),
  }))
}

const transfersOf = (rides: Iterable<RideRecord>) => [...findTransfers(rides)].map(({ transferFen }) => transferFen)

describe('a transfer', () => {
  it('makes the second ride cheaper when it is on another line and soon enough', () => {
    expect(transfersOf(ridesAt([0, { position: on('8') }], [30, { position: on('18') }]))).toEqual([null, 100])
  })

  it('ends with the last millisecond of its time', () => {
    const [first, second] = ridesAt([0, { position: on('8') }], [30, { position: on('18') }])
    if (first === undefined || second === undefined) throw new RangeError('expected two rides')
    expect(transfersOf([first, { ...second, timeMs: second.timeMs + 1 }])).toEqual([null, null])
  })

  it('needs another line; the way back on the same one is none', () => {
    expect(transfersOf(ridesAt([0, { position: on('8') }], [5, { position: on('8', 'down') }]))).toEqual([null, null])
  })

  it('does not follow another one: of A, B, C, D it is B and D', () => {
    const chain = ['A', 'B', 'C', 'D'].map((line, index) => [index * 10, { position: on(line) }] as const)
    expect(transfersOf(ridesAt(...chain))).toEqual([null, 100, null, 100])
  })

  it('takes off no more than was charged', () => {
    const cheap = { position: on('18'), chargedFen: 50, fareClass: 'student' }
    expect(transfersOf(ridesAt([0, { position: on('8') }], [5, cheap]))).toEqual([null, 50])
  })

  it('is found from one operator to another', () => {
    const other = { operator: 'other-bus', position: on('18') }
    const [mine, theirs] = settleDay(ridesAt([0, { position: on('8') }], [5, other]))
    expect(mine).toMatchObject({ operator: 'jinzhai-bus', rides: 1, transfers: 0, netFen: 200 })
    expect(theirs).toMatchObject({ operator: 'other-bus', rides: 1, transfers: 1, transferFen: 100, netFen: 100 })
  })

  it('belongs to one person', () => {
    const other = { tag: tagOf('another'), position: on('18') }
    expect(transfersOf(ridesAt([0, { position: on('8') }], [5, other]))).toEqual([null, null])
  })

  it('is hindered neither by a companion’s ride nor by one without a line, and is given to neither', () => {
    const rides = ridesAt(
      [0, { position: on('8') }],
      [1, { position: on('8'), byDriverKey: true }],
      [2, { position: null }],
      [5, { position: on('18') }],
      [6, { position: on('28'), byDriverKey: true }],
      [7, { position: null }],
    )
    expect(transfersOf(rides)).toEqual([null, null, null, 100, null, null])
  })

  it('runs on over midnight within an operating day', () => {
    const night = 16 * 60 - 5 // five minutes before midnight, China time
    expect(transfersOf(ridesAt([night, { position: on('8') }], [night + 10, { position: on('18') }]))).toEqual([
      null,
      100,
    ])
  })

  it('is none where the policy of that ride offered none', () => {
    expect(transfersOf(ridesAt([0, { position: on('8') }], [5, { position: on('18'), transfer: null }]))).toEqual([
      null,
      null,
    ])
  })
})

describe('the sums of a day', () => {
  it('show lines as a passenger counts them, those without a line last', () => {
    const rides = ridesAt(...['28', '8', '108'].map(line => [0, { position: on(line) }] as const), [
      0,
      { position: null },
    ])
    expect(settleDay(rides)[0]?.byLine.map(({ line }) => line)).toEqual(['8', '28', '108', null])
  })

  it('are not made from rides out of order, or from one twice', () => {
    const [first, second] = ridesAt([0, {}], [1, {}])
    if (first === undefined || second === undefined) throw new RangeError('expected two rides')
    expect(() => settleDay([second, first])).toThrow(/in their order/)
    expect(() => settleDay([first, first])).toThrow(/each once/)
  })
})

// ——— the same sums in another way: every pair of rides is looked at, amounts are BigInt ———

interface PlainSums {
  rides: bigint
  full: bigint
  charged: bigint
  transfers: bigint
  off: bigint
}

/** Rides before `ride` that it could be a transfer from: one person, one day, both with a line, neither for a companion. */
function earlierOf(ride: RideRecord, all: readonly RideRecord[]): RideRecord[] {
  const place = ({ timeMs, device, epoch, seq }: RideRecord): string =>
    [String(timeMs).padStart(20, '0'), device.padEnd(20), epoch, String(seq).padStart(20, '0')].join('/')
  const takesPart = ({ ride: { position, byDriverKey } }: RideRecord): boolean => position !== null && !byDriverKey
  return all
    .filter(
      other =>
        takesPart(other) &&
        takesPart(ride) &&
        other.ride.day === ride.ride.day &&
        Buffer.compare(other.ride.tag, ride.ride.tag) === 0 &&
        place(other) < place(ride),
    )
    .sort((a, b) => (place(a) < place(b) ? -1 : 1))
}

function plainTransfer(ride: RideRecord, all: readonly RideRecord[]): bigint | null {
  const from = earlierOf(ride, all).at(-1)
  const offer = ride.ride.transfer
  if (from === undefined || offer === null) return null
  if (from.ride.position?.line === ride.ride.position?.line) return null
  if (BigInt(ride.timeMs) - BigInt(from.timeMs) > BigInt(offer.withinSeconds) * 1000n) return null
  if (plainTransfer(from, all) !== null) return null
  const [off, charged] = [BigInt(offer.offFen), BigInt(ride.ride.chargedFen)]
  const taken = off < charged ? off : charged
  return taken === 0n ? null : taken
}

function plainSums(all: readonly RideRecord[], keyOf: (ride: Ride) => string): Record<string, PlainSums> {
  const sums: Record<string, PlainSums> = {}
  for (const record of all) {
    const key = keyOf(record.ride)
    sums[key] ??= { rides: 0n, full: 0n, charged: 0n, transfers: 0n, off: 0n }
    const off = plainTransfer(record, all)
    sums[key].rides += 1n
    sums[key].full += BigInt(record.ride.fullFareFen)
    sums[key].charged += BigInt(record.ride.chargedFen)
    sums[key].transfers += off === null ? 0n : 1n
    sums[key].off += off ?? 0n
  }
  return sums
}

const DAYS = [DAY, DAY + 1] as const
const ride = fc
  .record({
    tag: fc.constantFrom('a', 'b').map(tagOf),
    fullFareFen: fc.oneof(fc.constantFrom(0, 100, 200), fc.integer({ min: 0, max: 0xff_ffff })),
    percent: fc.constantFrom(100, 100, 50, 0),
    operator: fc.constantFrom('east', 'west'),
    position: fc.option(
      fc.record({
        line: fc.constantFrom('8', '18', 'K1'),
        run: fc.constant('1'),
        direction: fc.constantFrom('up', 'down'),
        stop: fc.constant(1),
      }),
      { freq: 8 },
    ),
    fareClass: fc.constantFrom('ordinary', 'student', 'senior'),
    transfer: fc.option(
      fc.record({ withinSeconds: fc.constantFrom(0, 60, 300), offFen: fc.constantFrom(0, 1, 100, 100_000_000) }),
      { freq: 6 },
    ),
    day: fc.constantFrom(...DAYS),
    byDriverKey: fc.constantFrom(false, false, false, true),
  })
  .map(({ percent, ...rest }) => ({ ...rest, chargedFen: Math.floor((rest.fullFareFen * percent) / 100) }))
/** Around midnight, a minute apart, many at the same moment. */
const records: fc.Arbitrary<RideRecord[]> = fc.uniqueArray(
  fc.record({
    device: fc.constantFrom('bus-1', 'bus-10', 'bus-2'),
    epoch: fc.constantFrom('00'.repeat(8), 'ff'.repeat(8)),
    seq: fc.integer({ min: 1, max: 12 }),
    timeMs: fc.integer({ min: -6, max: 6 }).map(minute => START_MS + 16 * 3_600_000 + minute * MINUTE_MS),
    ride,
  }),
  { selector: ({ device, epoch, seq }) => `${device}/${epoch}/${seq}`, maxLength: 40, size: 'max' },
)

type By = 'all' | 'line' | 'fareClass'

function rowsOf(day: number, one: OperatorSums, by: By): (readonly [key: string, row: Sums])[] {
  const key = `${day}/${one.operator}`
  if (by === 'all') return [[key, one]]
  if (by === 'line') return one.byLine.map(row => [`${key}/${row.line}`, row])
  return one.byFareClass.map(row => [`${key}/${row.fareClass}`, row])
}

function settledSums(days: readonly (readonly [number, readonly OperatorSums[]])[], by: By) {
  const rows = days.flatMap(([day, operators]) => operators.flatMap(one => rowsOf(day, one, by)))
  for (const [, row] of rows) {
    expect(row.netFen).toBe(row.chargedFen - row.transferFen)
    expect(row.concessionFen).toBe(row.fullFareFen - row.chargedFen)
  }
  return Object.fromEntries(
    rows.map(([key, row]) => [
      key,
      {
        rides: BigInt(row.rides),
        full: BigInt(row.fullFareFen),
        charged: BigInt(row.chargedFen),
        transfers: BigInt(row.transfers),
        off: BigInt(row.transferFen),
      },
    ]),
  )
}

it('equals the records to the fen, however they fall', () => {
  let transfersSeen = 0n
  fc.assert(
    fc.property(records, all => {
      const days = DAYS.map(day => {
        const ofDay = all.filter(record => record.ride.day === day).sort(compareRides)
        return [day, settleDay(ofDay)] as const
      })
      const plain = plainSums(all, one => `${one.day}/${one.operator}`)
      expect(settledSums(days, 'all')).toEqual(plain)
      expect(settledSums(days, 'line')).toEqual(
        plainSums(all, one => `${one.day}/${one.operator}/${one.position === null ? null : one.position.line}`),
      )
      expect(settledSums(days, 'fareClass')).toEqual(
        plainSums(all, one => `${one.day}/${one.operator}/${one.fareClass}`),
      )
      for (const { transfers } of Object.values(plain)) transfersSeen += transfers
    }),
    { numRuns: 400 },
  )
  expect(transfersSeen).toBeGreaterThan(100n)
})
