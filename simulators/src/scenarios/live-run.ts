import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from '@ankang/protocol'
import { SeededDraw } from '../city/seeded-draw.ts'
import { HALL_SITE } from '../home/home-paths.ts'
import type { OpenDoor, VirtualHall } from '../virtual/virtual-hall.ts'
import { stageScenario } from './scenario-table.ts'
import { everydayLife, stageMaker } from './schedule.ts'

/** People come to a door about this often. */
const PAUSE_MS = { from: 1200, through: 2800 } as const

export interface LiveOptions {
  readonly signal: AbortSignal
  nowSeconds(): number
  onShown(device: string, outcome: Outcome): void
}

/** Resolves early, and without a fault, when nobody wants to wait any more. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

async function keepDoorBusy(hall: VirtualHall, { door, device }: OpenDoor, options: LiveOptions): Promise<void> {
  const { signal } = options
  const draw = new SeededDraw(new Uint8Array(randomBytes(32)), door.device)
  const stageAt = stageMaker(hall.city, HALL_SITE, draw)
  for (const scenario of everydayLife(draw)) {
    for (const showing of stageScenario(scenario, stageAt(options.nowSeconds()))) {
      if (signal.aborted) return
      const { outcome } = await device.present(showing.code)
      options.onShown(door.device, outcome)
      await device.clear()
      await pause(draw.between(PAUSE_MS.from, PAUSE_MS.through), signal)
    }
  }
}

/** Shows residents at every door, as they come in everyday life, until `signal`. Throws what a door or the centre throws when it fails. */
export async function runLive(hall: VirtualHall, options: LiveOptions): Promise<void> {
  const doors = Promise.all(hall.doors.map(door => keepDoorBusy(hall, door, options))).then(() => null)
  const failure = await Promise.race([doors, hall.failed])
  if (failure !== null) throw failure
}
