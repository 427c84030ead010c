import { settleCommand } from '../commands/settle.ts'
import { BUS, isRide, readRide } from './bus-record.ts'
import { rideWords } from './bus-words.ts'
import type { ControllerScene } from './controller-scene.ts'

/** The bus: where the ride began and what it cost; transfers are settled here. */
export const bus: ControllerScene = {
  name: BUS,
  describe: sceneMap => {
    const ride = readRide(sceneMap)
    return ride.ok ? rideWords(ride.value) : null
  },
  dayOf: body => {
    if (!isRide(body)) return null
    const ride = readRide(body.sceneMap)
    return ride.ok ? ride.value.day : 0
  },
  commands: [settleCommand],
}
