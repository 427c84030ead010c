import type { VirtualDoor } from '../virtual/virtual-door.ts'
import type { VirtualHouse } from '../virtual/virtual-house.ts'
import { type EverydayOptions, freshDraw, pause } from './everyday.ts'
import { SCENARIOS, stageScenario } from './scenario-table.ts'
import { everydayLife, stageMaker } from './schedule.ts'

/** People come to a door about this often. */
const PAUSE_MS = { from: 1200, through: 2800 } as const

/** Residents at a door, as they come. */
export async function liveAtDoor(
  { city }: VirtualHouse,
  { post, device }: VirtualDoor,
  options: EverydayOptions,
): Promise<void> {
  const { signal } = options
  const draw = freshDraw(post.device)
  const stageAt = stageMaker(city, post.site, draw)
  for (const scenario of everydayLife(SCENARIOS, draw)) {
    for (const showing of stageScenario(scenario, stageAt(options.nowSeconds()))) {
      if (signal.aborted) return
      options.onShown(post, await device.present(showing.code), null)
      await device.clear()
      await pause(draw.between(PAUSE_MS.from, PAUSE_MS.through), signal)
    }
  }
}
