import type { BusPosition } from '@ankang/protocol'
import { BUS_LINES } from '../home/bus-lines.ts'
import type { VirtualBus } from '../virtual/virtual-bus.ts'
import type { BusAct, BusScenario, BusStage, ExpectedRide } from './bus-scenario.ts'
import type { Showing } from './scenario.ts'
import { goOn, lastRecord, type ShownShowing } from './shown-showing.ts'

/** The bus drives on when so many have had their turn. */
const TURNS_A_STOP = 4
const RECEIPT_TIMEOUT_MS = 30_000

/** A showing on a bus, and where the bus was. */
export interface ShownRide extends ShownShowing {
  readonly showing: Showing<ExpectedRide>
  readonly position: BusPosition
}

export interface BusShowingsOptions {
  readonly bus: VirtualBus
  readonly scenarios: Generator<BusScenario, never>
  readonly count: number
  readonly signal: AbortSignal
  /** A stage for this moment: each code is made right before it is shown. */
  stage(fullFareFen: number): BusStage
  /** How many of this device's records the centre holds. */
  stored(): Promise<number>
  onShown(shown: ShownRide): void
}

export interface BusShowings {
  readonly shown: readonly ShownRide[]
  /** What is not as it has to be, one line each. */
  readonly failures: readonly string[]
}

/** The full fare from where the bus is. */
export function fullFareOf({ post, vehicle }: VirtualBus): number {
  return BUS_LINES[post.line].fenFromStop[vehicle.position.stop - 1] ?? 0
}

/** Whatever on a bus is no showing. */
export async function perform(bus: VirtualBus, kind: Exclude<BusAct['kind'], 'show'>): Promise<void> {
  if (kind === 'driver-key') await bus.vehicle.pressKey()
  else if (kind === 'night') await bus.night()
  else if (kind === 'tunnel') bus.radio.cut()
  else bus.radio.restore()
}

/** One bus on its way through the table. */
class Journey {
  readonly shown: ShownRide[] = []
  readonly failures: string[] = []
  readonly #options: BusShowingsOptions
  #storedBefore = 0

  constructor(options: BusShowingsOptions) {
    this.#options = options
  }

  get isOver(): boolean {
    return this.shown.length === this.#options.count
  }

  async play(scenario: BusScenario): Promise<void> {
    const { bus, stage, signal } = this.#options
    for (const act of scenario.acts(stage(fullFareOf(bus)))) {
      if (this.isOver) return
      goOn(signal)
      if (act.kind === 'show') await this.#show(scenario.id, act)
      else await this.#happen(act.kind)
    }
  }

  async #show(scenario: string, { code, expected }: Extract<BusAct, { kind: 'show' }>): Promise<void> {
    const { bus, onShown } = this.#options
    const event = await bus.device.present(code)
    const shown = { showing: { scenario, code, expected }, event, position: bus.vehicle.position }
    this.shown.push(shown)
    onShown(shown)
  }

  /** Nothing must be on its way when a tunnel begins, and nothing arrive before it ends. */
  async #happen(kind: Exclude<BusAct['kind'], 'show'>): Promise<void> {
    const { bus, stored } = this.#options
    if (kind === 'tunnel') {
      await bus.device.waitForReceipt(lastRecord(this.shown), RECEIPT_TIMEOUT_MS)
      this.#storedBefore = await stored()
    }
    if (kind === 'daylight') {
      const arrived = (await stored()) - this.#storedBefore
      if (arrived !== 0) this.failures.push(`${bus.post.device}: ${arrived} records arrived while the radio was cut`)
    }
    await perform(bus, kind)
  }
}

/** Plays scenarios on one bus until `count` codes were shown. Throws `interrupted` and what the device throws. */
export async function showOnBus(options: BusShowingsOptions): Promise<BusShowings> {
  const { bus, scenarios } = options
  const journey = new Journey(options)
  let turns = 0
  while (!journey.isOver) {
    if (turns > 0 && turns % TURNS_A_STOP === 0) await bus.vehicle.nextStop()
    turns++
    await journey.play(scenarios.next().value)
  }
  bus.radio.restore() // the last showing may have been under ground
  return journey
}
