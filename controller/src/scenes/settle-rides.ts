import { setImmediate } from 'node:timers/promises'
import { type Decoded, decodeBody, type Ride } from '@ankang/protocol'
import { type DaybookRow, daybookDays, daybookRows } from '../store/daybook.ts'
import { type DeviceExtent, deviceExtents } from '../store/device-extent.ts'
import { RecordReader } from '../store/record-reader.ts'
import type { SqliteDatabase } from '../store/store.ts'
import { trustedReaches } from '../store/trusted-reach.ts'
import { BUS, readRide } from './bus-record.ts'
import { addSums, NO_RIDES, type RideRecord, settleDay } from './bus-settlement.ts'
import type { BusStatement, DeviceCompleteness, OperatorDay, UnsettledPlace } from './bus-statement.ts'

export interface SettleOptions {
  /** yyyymmdd; null: every day there is. */
  readonly day: number | null
  /** Null: all. */
  readonly operator: string | null
  readonly signal: AbortSignal
}

/** More are counted and not named: whoever has that many has one fault, not a hundred. */
const MAX_PLACES = 100
const HOUR_MS = 3_600_000

interface ReadRow {
  readonly timeMs: number
  readonly isClockVouched: boolean
  readonly ride: Ride
}

function readRow({ seq, body }: DaybookRow): Decoded<ReadRow> {
  if (body === null) return { ok: false, detail: 'its body was deleted by retention' }
  const decoded = decodeBody(body)
  if (!decoded.ok) return decoded
  if (decoded.value.seq !== seq) return { ok: false, detail: 'it names another place' }
  const { sceneMap, timeMs, timeTrust } = decoded.value
  const ride = readRide(sceneMap)
  return ride.ok ? { ok: true, value: { timeMs, isClockVouched: timeTrust !== 'unknown', ride: ride.value } } : ride
}

/** Reads rides, and counts what it read and what it could not read. */
class RideReader {
  ridesRead = 0
  clockUnvouched = 0
  unsettled = 0
  quarantined = 0
  readonly places: UnsettledPlace[] = []
  /** Those that rides came from, or what may be rides. */
  readonly devices = new Set<string>()
  readonly #db: SqliteDatabase
  readonly #reachOf

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#reachOf = trustedReaches(db)
  }

  /** The rides of one day, in their order. */
  *ofDay(day: number): Generator<RideRecord> {
    for (const row of daybookRows(this.#db, BUS, day)) {
      if (this.#isLeftOut(row)) continue
      const read = readRow(row)
      if (!read.ok) {
        this.#refuse(row, read.detail)
        continue
      }
      const { device, epoch, seq } = row
      const { timeMs, isClockVouched, ride } = read.value
      this.ridesRead++
      if (!isClockVouched) this.clockUnvouched++
      this.devices.add(device)
      yield { device, epoch, seq, timeMs, ride }
    }
  }

  /** What stands under no day may be of any. A body that nobody can read is a ride's only where its device serves buses. */
  readUndated(isBus: (device: string) => boolean): void {
    for (const scene of [BUS, '']) {
      for (const row of daybookRows(this.#db, scene, 0)) {
        if ((scene !== BUS && !isBus(row.device)) || this.#isLeftOut(row)) continue
        const read = readRow(row)
        this.#refuse(row, read.ok ? 'it has no day' : read.detail)
      }
    }
  }

  /** What a stolen key may have signed is nobody's debt, and gives nobody a transfer. */
  #isLeftOut({ device, epoch, seq }: DaybookRow): boolean {
    const reach = this.#reachOf(device, epoch)
    if (reach === null || seq <= reach) return false
    this.devices.add(device)
    this.quarantined++
    return true
  }

  #refuse({ device, epoch, seq }: DaybookRow, why: string): void {
    this.unsettled++
    if (this.places.length < MAX_PLACES) this.places.push({ device, epoch, seq, why })
  }
}

function completenessOf({ scene: _, newest, ...known }: DeviceExtent): DeviceCompleteness {
  if (newest === null) return { ...known, newest }
  const { epoch, seq, timeMs } = newest
  const hourMs = timeMs === null ? null : timeMs - (timeMs % HOUR_MS)
  return { ...known, newest: { epoch, seq, hourMs } }
}

/** Settles what is stored. Run it inside one read transaction, for one state. Null when it was told to stop. */
export async function settleRides(
  db: SqliteDatabase,
  { day, operator, signal }: SettleOptions,
): Promise<BusStatement | null> {
  const reader = new RideReader(db)
  const operatorDays: OperatorDay[] = []
  for (const each of day === null ? daybookDays(db, BUS) : [day]) {
    await setImmediate() // a signal is heard between two days
    if (signal.aborted) return null
    // all operators' rides are read whoever is asked for: a transfer may begin on another operator's bus
    const sums = settleDay(reader.ofDay(each)).filter(one => operator === null || one.operator === operator)
    operatorDays.push(...sums.map(one => ({ day: each, ...one })))
  }
  // What is missing, or stands apart in a fork or in quarantine, may hold rides, whatever the device has done since.
  const devices = deviceExtents(db).filter(
    ({ device, scene, missing, forks, quarantined }) =>
      scene === BUS || scene === null || missing > 0 || forks > 0 || quarantined > 0 || reader.devices.has(device),
  )
  const busDevices = new Set(devices.map(({ device }) => device))
  reader.readUndated(device => busDevices.has(device))
  return {
    asOfMs: new RecordReader({ db }).newestReceivedMs(),
    day,
    operator,
    operatorDays,
    totals: operatorDays.reduce((sums, one) => addSums(sums, one), NO_RIDES),
    completeness: {
      ridesRead: reader.ridesRead,
      clockUnvouched: reader.clockUnvouched,
      quarantined: reader.quarantined,
      unsettled: { count: reader.unsettled, places: reader.places },
      devices: devices.map(completenessOf),
    },
  }
}
