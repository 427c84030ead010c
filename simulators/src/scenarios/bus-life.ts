import type { VirtualBus } from '../virtual/virtual-bus.ts'
import type { VirtualHouse } from '../virtual/virtual-house.ts'
import type { BusAct } from './bus-scenario.ts'
import { fullFareOf, perform } from './bus-showings.ts'
import { busStageMaker } from './bus-stage.ts'
import { BUS_SCENARIOS } from './bus-table.ts'
import { type EverydayOptions, freshDraw, pause } from './everyday.ts'
import type { Interchange } from './interchange.ts'
import { everydayLife } from './schedule.ts'

/** Passengers at a stop. */
const BOARDING = { from: 1, through: 6 } as const
const BOARDING_MS = { from: 200, through: 1000 } as const
const DRIVING_MS = { from: 2000, through: 4000 } as const
/** One way in so many leads into a tunnel, with a stop in it. */
const WAYS_A_TUNNEL = 5

async function happen(bus: VirtualBus, act: BusAct, { onShown }: EverydayOptions): Promise<void> {
  if (act.kind !== 'show') return perform(bus, act.kind)
  const event = await bus.device.present(act.code)
  onShown(bus.post, event, event.outcome === 'admit' ? act.expected.fareFen : null)
}

/** A bus on its line: drives, stops, takes passengers as they come, and is under ground now and then. */
export async function liveOnBus(
  { city, rides }: VirtualHouse,
  bus: VirtualBus,
  interchange: Interchange,
  options: EverydayOptions,
): Promise<void> {
  const { signal, nowSeconds } = options
  const draw = freshDraw(bus.post.device)
  const stageAt = busStageMaker({ city, rides, site: bus.post.site, draw, interchange })
  const passengers = everydayLife(BUS_SCENARIOS, draw)
  while (!signal.aborted) {
    for (let boarding = draw.between(BOARDING.from, BOARDING.through); boarding > 0; boarding--) {
      for (const act of passengers.next().value.acts(stageAt(nowSeconds(), fullFareOf(bus)))) {
        if (signal.aborted) return
        await happen(bus, act, options)
      }
      await bus.device.clear()
      await pause(draw.between(BOARDING_MS.from, BOARDING_MS.through), signal)
    }
    if (draw.below(WAYS_A_TUNNEL) === 0) bus.radio.cut()
    else bus.radio.restore()
    await pause(draw.between(DRIVING_MS.from, DRIVING_MS.through), signal)
    if (!signal.aborted) await bus.vehicle.nextStop()
  }
}
