/*
 * Random bus days through the real scene, recorder, chain, ingest and settlement, against a sum that shares nothing with them
 * but the exported records.
 */
import { BugError } from '@ankang/protocol'
import { type SeededRandom, seededRandom } from '../fuzz/seeded-random.ts'
import { type Centre, openCentre } from './centre.ts'
import { type IndependentSums, sumExport } from './independent-sum.ts'
import { type RandomBus, type RandomDay, randomDay } from './random-day.ts'

/** Days that share a store: the settlement of one must not see another. */
const DAYS_A_STORE = 20

export interface BusDayFigures {
  days: number
  rides: number
  refused: number
  reboots: number
  /** Batches that came after a first settlement. */
  lateBatches: number
  transfers: number
  chargedFen: number
  netFen: number
}

export function noFigures(): BusDayFigures {
  return { days: 0, rides: 0, refused: 0, reboots: 0, lateBatches: 0, transfers: 0, chargedFen: 0, netFen: 0 }
}

interface Upload {
  readonly bus: RandomBus
  readonly from: number
  readonly through: number
}

/** Each bus's records in order, cut anywhere, the buses in any order. */
function uploadsOf(buses: readonly RandomBus[], random: SeededRandom): Upload[] {
  const queues = buses.map(bus => {
    const uploads: Upload[] = []
    const last = bus.journal.head().seq
    for (let from = 1; from <= last; ) {
      const through = Math.min(last, from + random.below(12))
      uploads.push({ bus, from, through })
      from = through + 1
    }
    return uploads
  })
  const order: Upload[] = []
  for (
    let waiting = queues.filter(queue => queue.length > 0);
    waiting.length > 0;
    waiting = queues.filter(q => q.length > 0)
  ) {
    const next = random.pick(waiting).shift()
    if (next !== undefined) order.push(next)
  }
  return order
}

const AMOUNTS = ['rides', 'fullFareFen', 'chargedFen', 'transfers', 'transferFen', 'netFen'] as const

function insist(holds: boolean, where: string, what: string): void {
  if (!holds) throw new BugError('bus-days-differ', `${where}: ${what}`)
}

/** Throws a BugError where the settlement and the independent sum of the export are not the same to the fen. */
export async function compare(centre: Pick<Centre, 'settle' | 'exported'>, where: string): Promise<IndependentSums[]> {
  const statement = await centre.settle()
  if (statement === null) throw new BugError('bus-days-stopped', `${where}: the settlement stopped`)
  const expected = sumExport(centre.exported())
  insist(statement.completeness.unsettled.count === 0, where, 'a ride could not be settled')
  insist(
    statement.operatorDays.length === expected.size,
    where,
    `${statement.operatorDays.length} sums for ${expected.size}`,
  )
  for (const sums of statement.operatorDays) {
    const name = `${sums.day} ${sums.operator}`
    for (const amount of AMOUNTS)
      insist(
        BigInt(sums[amount]) === BigInt(expected.get(name)?.[amount] ?? -1),
        where,
        `${name}: ${amount} is ${sums[amount]}, expected ${expected.get(name)?.[amount]}`,
      )
    for (const parts of [sums.byLine, sums.byFareClass])
      for (const amount of AMOUNTS)
        insist(
          parts.reduce((sum, part) => sum + part[amount], 0) === sums[amount],
          where,
          `${name}: the parts of ${amount} are not the whole`,
        )
  }
  for (const amount of AMOUNTS) {
    const total = [...expected.values()].reduce((sum, one) => sum + BigInt(one[amount]), 0n)
    insist(
      BigInt(statement.totals[amount]) === total,
      where,
      `total of ${amount} is ${statement.totals[amount]}, expected ${total}`,
    )
  }
  return [...expected.values()]
}

async function settleChunk(
  days: readonly RandomDay[],
  folder: string,
  random: SeededRandom,
  where: string,
  figures: BusDayFigures,
): Promise<void> {
  const buses = days.flatMap(day => day.buses)
  const centre = await openCentre(folder, buses)
  try {
    const uploads = uploadsOf(buses, random)
    const cut = Math.floor(uploads.length * (0.5 + random.below(50) / 100))
    for (const { bus, from, through } of uploads.slice(0, cut)) await centre.upload(bus, from, through)
    await compare(centre, `${where}, before the late uploads`)
    for (const { bus, from, through } of uploads.slice(cut)) await centre.upload(bus, from, through)
    const sums = await compare(centre, where)
    insist(Object.keys(centre.refused()).length === 0, where, `refused: ${JSON.stringify(centre.refused())}`)
    const total = (amount: 'chargedFen' | 'netFen') => Number(sums.reduce((sum, one) => sum + one[amount], 0n))
    const told = days.reduce((sum, day) => sum + day.toldFen, 0)
    insist(total('chargedFen') === told, where, `passengers were told ${told} fen and charged ${total('chargedFen')}`)
    figures.days += days.length
    figures.rides += days.reduce((sum, day) => sum + day.rides, 0)
    figures.refused += days.reduce((sum, day) => sum + day.refused, 0)
    figures.reboots += days.reduce((sum, day) => sum + day.reboots, 0)
    figures.lateBatches += uploads.length - cut
    figures.transfers += sums.reduce((sum, one) => sum + one.transfers, 0)
    figures.chargedFen += total('chargedFen')
    figures.netFen += total('netFen')
  } finally {
    centre.close()
  }
}

export interface BusDaysOptions {
  readonly seed: number
  readonly days: number
  /** For the stores, one at a time. */
  readonly folder: string
  readonly signal: AbortSignal
  onProgress(figures: BusDayFigures): void
}

/** Runs random days until `days` are settled. Throws a BugError naming seed and days on the first difference of one fen. */
export async function runBusDays({ seed, days, folder, signal, onProgress }: BusDaysOptions): Promise<BusDayFigures> {
  const figures = noFigures()
  for (let first = 0; first < days && !signal.aborted; first += DAYS_A_STORE) {
    const random = seededRandom(seed, first)
    const chunk: RandomDay[] = []
    for (let day = first; day < Math.min(days, first + DAYS_A_STORE); day++) chunk.push(await randomDay(day, random))
    await settleChunk(chunk, folder, random, `seed ${seed}, days ${first} to ${first + chunk.length - 1}`, figures)
    onProgress(figures)
  }
  return figures
}
