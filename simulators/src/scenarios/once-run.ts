import { describeError, EnvironmentError } from '@ankang/protocol'
import type { VirtualBus } from '../virtual/virtual-bus.ts'
import type { Stage as StageName } from '../virtual/virtual-device.ts'
import type { VirtualDoor } from '../virtual/virtual-door.ts'
import type { OpenPost, VirtualHouse } from '../virtual/virtual-house.ts'
import { showOnBus } from './bus-showings.ts'
import { busStageMaker } from './bus-stage.ts'
import { BUS_SCENARIOS, BUS_STARTS } from './bus-table.ts'
import { showAtDoor } from './door-showings.ts'
import { freshDraw } from './everyday.ts'
import { Interchange } from './interchange.ts'
import { countPost, type PostReport, postFailures, reportPost, storedOf } from './post-report.ts'
import { ledgerFailures, readRides, sumOfFares } from './ride-ledger.ts'
import { SCENARIOS } from './scenario-table.ts'
import { everyKind, stageMaker } from './schedule.ts'
import { shareOut } from './share-out.ts'
import { countOutcome, lastRecord, type ShownShowing } from './shown-showing.ts'
import { type Percentiles, stageFigures } from './stage-figures.ts'

const SETTLE_TIMEOUT_MS = 20_000
const RECEIPT_TIMEOUT_MS = 30_000

/** What `ankang sim start --once --json` prints. Counts are records of type 1 of this run; times are milliseconds. */
export interface OnceReport {
  readonly shown: number
  readonly admitted: number
  readonly denied: number
  readonly referred: number
  readonly recordsWritten: number
  readonly recordsStored: number
  readonly duplicates: number
  readonly gaps: number
  /** Of the buses, as the export has them. */
  readonly rides: number
  readonly chargedFen: number
  readonly stages: Record<StageName, Percentiles>
  readonly devices: readonly PostReport[]
}

export interface OnceRun {
  readonly report: OnceReport
  /** What is not as it has to be, one line each; empty: all is well. */
  readonly failures: readonly string[]
}

export interface OnceOptions {
  readonly showings: number
  readonly signal: AbortSignal
  nowSeconds(): number
  onShown(): void
}

interface PostRun {
  readonly report: PostReport
  readonly shown: readonly ShownShowing[]
  readonly failures: readonly string[]
}

/** What was shown at a post, and what its own accounts say to it. */
interface Visit {
  readonly shown: readonly ShownShowing[]
  readonly failures: readonly string[]
  /** Once everything has arrived. */
  readonly account: () => Promise<Pick<PostReport, 'rides' | 'chargedFen'> & { readonly failures: readonly string[] }>
}

/** `count` showings at a door, from place `from` of the table on. */
async function visitDoor(
  house: VirtualHouse,
  door: VirtualDoor,
  from: number,
  count: number,
  options: OnceOptions,
): Promise<Visit> {
  const stageAt = stageMaker(house.city, door.post.site, freshDraw(door.post.device))
  const shown = await showAtDoor({
    device: door.device,
    scenarios: everyKind(SCENARIOS, from),
    count,
    signal: options.signal,
    stage: () => stageAt(options.nowSeconds()),
    onShown: options.onShown,
  })
  return { shown, failures: [], account: async () => ({ rides: 0, chargedFen: 0, failures: [] }) }
}

/** `count` showings on a bus, from place `from` of the table on. */
async function rideBus(
  house: VirtualHouse,
  bus: VirtualBus,
  interchange: Interchange,
  from: number,
  count: number,
  options: OnceOptions,
): Promise<Visit> {
  const { device, site } = bus.post
  const { city, rides } = house
  const stageAt = busStageMaker({ city, rides, site, draw: freshDraw(device), interchange })
  const firstRecord = (await storedOf(house, device)).recordsStored + 1
  const { shown, failures } = await showOnBus({
    bus,
    scenarios: everyKind(BUS_SCENARIOS, from),
    count,
    signal: options.signal,
    stage: fullFareFen => stageAt(options.nowSeconds(), fullFareFen),
    stored: async () => (await storedOf(house, device)).recordsStored,
    onShown: options.onShown,
  })
  const account = async () => {
    const ledger = await readRides(house.paths.root, device, firstRecord)
    return {
      rides: ledger.size,
      chargedFen: sumOfFares(ledger),
      failures: ledgerFailures(device, shown, ledger),
    }
  }
  return { shown, failures, account }
}

/** What a post does in a run, counted before and after. */
async function runPost(house: VirtualHouse, post: OpenPost, visit: () => Promise<Visit>): Promise<PostRun> {
  await post.device.waitUntilSettled(SETTLE_TIMEOUT_MS)
  const before = await countPost(house, post)
  const { shown, failures, account } = await visit()
  const missing: string[] = []
  try {
    await post.device.waitForReceipt(lastRecord(shown), RECEIPT_TIMEOUT_MS)
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    missing.push(describeError(error)) // the counts below still say how far it came
  }
  const after = await countPost(house, post)
  const accounted = await account()
  const report = reportPost(post, shown, { before, after }, accounted)
  return {
    report,
    shown,
    failures: [...failures, ...missing, ...postFailures(report, shown), ...accounted.failures],
  }
}

/** How many of `total` showings each post has, doors first: as many more as its table is longer. */
export function shareOfShowings(total: number, posts: Readonly<Record<'doors' | 'buses', number>>): number[] {
  const weights = [Array(posts.doors).fill(SCENARIOS.length), Array(posts.buses).fill(BUS_SCENARIOS.length)]
  return shareOut(total, weights.flat())
}

/** Shows every kind of code at doors and on buses, then counts what was written, stored, opened, said and charged. */
export async function runOnce(house: VirtualHouse, options: OnceOptions): Promise<OnceRun> {
  const { doors, buses } = house
  const interchange = new Interchange()
  const counts = shareOfShowings(options.showings, { doors: doors.length, buses: buses.length })
  const runs = await Promise.all([
    ...doors.map((door, place) => {
      const from = Math.floor((SCENARIOS.length * place) / doors.length)
      return runPost(house, door, () => visitDoor(house, door, from, counts[place] ?? 0, options))
    }),
    ...buses.map((bus, place) => {
      const count = counts[doors.length + place] ?? 0
      return runPost(house, bus, () => rideBus(house, bus, interchange, BUS_STARTS[place] ?? 0, count, options))
    }),
  ])
  const shown = runs.flatMap(run => run.shown)
  const devices = runs.map(run => run.report)
  const sum = (count: (report: PostReport) => number) => devices.reduce((total, report) => total + count(report), 0)
  return {
    report: {
      shown: shown.length,
      admitted: countOutcome(shown, 'admit'),
      denied: countOutcome(shown, 'deny'),
      referred: countOutcome(shown, 'refer'),
      recordsWritten: sum(report => report.recordsWritten),
      recordsStored: sum(report => report.recordsStored),
      duplicates: sum(report => report.duplicates),
      gaps: sum(report => report.gaps),
      rides: sum(report => report.rides),
      chargedFen: sum(report => report.chargedFen),
      stages: stageFigures(shown.map(({ event }) => event)),
      devices,
    },
    failures: runs.flatMap(run => run.failures),
  }
}
