import { describeError, type EnvironmentError } from '@ankang/protocol'
import { SeededDraw } from '../city/seeded-draw.ts'
import { HALL_SITE, type HallDoor } from '../home/home-paths.ts'
import { type DeviceCounts, readDeviceCounts } from '../virtual/controller-api.ts'
import { countOpenings } from '../virtual/relay-log.ts'
import type { Stage as StageName } from '../virtual/virtual-device.ts'
import type { OpenDoor, VirtualHall } from '../virtual/virtual-hall.ts'
import { cameAsExpected, countOutcome, describeSurprise, type ShownShowing, showAtDoor } from './door-showings.ts'
import { everyKind, stageMaker } from './schedule.ts'
import { type Percentiles, stageFigures } from './stage-figures.ts'

const SETTLE_TIMEOUT_MS = 20_000
const RECEIPT_TIMEOUT_MS = 30_000

/** Counts of one door in this run, each measured where it happens: at the reader, in the device, at the centre, at the relay. */
export interface DoorReport {
  readonly device: string
  readonly reader: HallDoor['reader']
  readonly shown: number
  readonly recordsWritten: number
  readonly recordsStored: number
  readonly duplicates: number
  readonly gaps: number
  readonly openings: number
}

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
  readonly stages: Record<StageName, Percentiles>
  readonly devices: readonly DoorReport[]
}

export interface OnceRun {
  readonly report: OnceReport
  /** What is not as it has to be, one line each; empty: all is well. */
  readonly failures: readonly string[]
}

interface DoorRun {
  readonly report: DoorReport
  readonly shown: readonly ShownShowing[]
  readonly failures: readonly string[]
}

export interface OnceOptions {
  readonly showings: number
  readonly signal: AbortSignal
  nowSeconds(): number
  onShown(): void
}

async function countsOf(hall: VirtualHall, device: string): Promise<DeviceCounts> {
  const all = await readDeviceCounts(hall.address.httpUrl)
  return (
    all.find(counts => counts.device === device) ?? {
      device,
      recordsStored: 0,
      showingsStored: 0,
      duplicates: 0,
      gaps: 0,
    }
  )
}

function doorFailures(report: DoorReport, shown: readonly ShownShowing[]): string[] {
  const { device, recordsWritten, recordsStored, duplicates, gaps, openings } = report
  const admitted = countOutcome(shown, 'admit')
  const checks: readonly (readonly [boolean, string])[] = [
    [recordsWritten === shown.length, `${shown.length} showings, but ${recordsWritten} records written`],
    [recordsStored === recordsWritten, `${recordsWritten} records written, but ${recordsStored} stored`],
    [duplicates === 0, `${duplicates} records stored twice`],
    [gaps === 0, `${gaps} records missing in the store`],
    [openings === admitted, `${admitted} admissions, but ${openings} openings`],
  ]
  return [
    ...checks.filter(([holds]) => !holds).map(([, what]) => `${device}: ${what}`),
    ...shown.filter(one => !cameAsExpected(one)).map(one => describeSurprise(device, one)),
  ]
}

/** What a door does in a run: `count` showings from `share` of the table on. */
async function runDoor(
  hall: VirtualHall,
  { door, device }: OpenDoor,
  count: number,
  share: number,
  options: OnceOptions,
): Promise<DoorRun> {
  const relay = hall.paths.device(door.device).relay
  await device.waitUntilSettled(SETTLE_TIMEOUT_MS)
  const before = { counts: await countsOf(hall, door.device), openings: countOpenings(relay), written: device.showings }
  const stageAt = stageMaker(hall.city, HALL_SITE, new SeededDraw(new Uint8Array(32), door.device))
  const shown = await showAtDoor({
    device,
    scenarios: everyKind(share),
    count,
    signal: options.signal,
    stage: () => stageAt(options.nowSeconds()),
    onShown: options.onShown,
  })
  const failures: string[] = []
  try {
    await device.waitForReceipt(shown.at(-1)?.event.seq ?? 0, RECEIPT_TIMEOUT_MS)
  } catch (error) {
    // The counts below still say how far it came.
    failures.push(describeError(error as EnvironmentError))
  }
  const after = await countsOf(hall, door.device)
  const report: DoorReport = {
    device: door.device,
    reader: door.reader,
    shown: shown.length,
    recordsWritten: device.showings - before.written,
    recordsStored: after.showingsStored - before.counts.showingsStored,
    duplicates: after.duplicates,
    gaps: after.gaps,
    openings: countOpenings(relay) - before.openings,
  }
  return { report, shown, failures: [...failures, ...doorFailures(report, shown)] }
}

/** Shows every kind of code at both doors, then counts what was written, stored and opened. */
export async function runOnce(hall: VirtualHall, options: OnceOptions): Promise<OnceRun> {
  const { doors } = hall
  const runs = await Promise.all(
    doors.map((door, place) => {
      const count = Math.floor((options.showings + place) / doors.length)
      return runDoor(hall, door, count, place / doors.length, options)
    }),
  )
  const shown = runs.flatMap(run => run.shown)
  const devices = runs.map(run => run.report)
  const sum = (count: (report: DoorReport) => number) => devices.reduce((total, report) => total + count(report), 0)
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
      stages: stageFigures(shown.map(({ event }) => event)),
      devices,
    },
    failures: runs.flatMap(run => run.failures),
  }
}
