import type { VirtualHouse } from '../virtual/virtual-house.ts'
import { liveOnBus } from './bus-life.ts'
import { liveAtDoor } from './door-life.ts'
import type { EverydayOptions } from './everyday.ts'
import { Interchange } from './interchange.ts'

/** Shows residents at every door and on every bus, as they come in everyday life. Throws what a post or the centre throws when it fails. */
export async function runLive(house: VirtualHouse, options: EverydayOptions): Promise<void> {
  const interchange = new Interchange()
  const life = Promise.all([
    ...house.doors.map(door => liveAtDoor(house, door, options)),
    ...house.buses.map(bus => liveOnBus(house, bus, interchange, options)),
  ]).then(() => null)
  const failure = await Promise.race([life, house.failed])
  if (failure !== null) throw failure
}
