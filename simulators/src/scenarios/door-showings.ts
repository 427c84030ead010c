import type { VirtualDevice } from '../virtual/virtual-device.ts'
import type { Scenario, Stage } from './scenario.ts'
import { stageScenario } from './scenario-table.ts'
import { goOn, type ShownShowing } from './shown-showing.ts'

export interface DoorShowingsOptions {
  readonly device: VirtualDevice
  readonly scenarios: Generator<Scenario, never>
  readonly count: number
  readonly signal: AbortSignal
  /** A stage for this moment: each code is made right before it is shown. */
  stage(): Stage
  onShown(shown: ShownShowing): void
}

/** Shows `count` codes at one door, one after the other. Throws `interrupted` and what the device throws. */
export async function showAtDoor(options: DoorShowingsOptions): Promise<ShownShowing[]> {
  const shown: ShownShowing[] = []
  for (const scenario of options.scenarios) {
    for (const showing of stageScenario(scenario, options.stage())) {
      if (shown.length === options.count) return shown
      goOn(options.signal)
      const event = await options.device.present(showing.code)
      shown.push({ showing, event })
      options.onShown({ showing, event })
    }
  }
  return shown
}
