import { EnvironmentError, type Outcome } from '@ankang/protocol'
import type { ShowingEvent, VirtualDevice } from '../virtual/virtual-device.ts'
import type { Scenario, Showing, Stage } from './scenario.ts'
import { stageScenario } from './scenario-table.ts'

/** A showing and what the door made of it. */
export interface ShownShowing {
  readonly showing: Showing
  readonly event: ShowingEvent
}

export function cameAsExpected({ showing, event }: ShownShowing): boolean {
  return event.outcome === showing.expected.outcome && event.reason === showing.expected.reason
}

/** One line on a showing that came out otherwise. */
export function describeSurprise(device: string, { showing, event }: ShownShowing): string {
  const { outcome, reason } = showing.expected
  return `${device}, record ${event.seq}: ${showing.scenario} should ${outcome} (${reason}), did ${event.outcome} (${event.reason})`
}

export function countOutcome(shown: readonly ShownShowing[], outcome: Outcome): number {
  return shown.filter(({ event }) => event.outcome === outcome).length
}

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
      if (options.signal.aborted)
        throw new EnvironmentError('interrupted', '已中断 · interrupted', { retryable: false })
      const event = await options.device.present(showing.code)
      shown.push({ showing, event })
      options.onShown({ showing, event })
    }
  }
  return shown
}
