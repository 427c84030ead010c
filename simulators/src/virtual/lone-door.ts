import { BugError } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import { NO_CENTRE } from '../home/device-config.ts'
import type { HomePaths } from '../home/home-paths.ts'
import { HALL_DOORS } from '../home/virtual-posts.ts'
import { Phone } from '../phone/phone.ts'
import { residentMb } from './resident-memory.ts'
import type { ShowingEvent } from './virtual-device.ts'
import { VirtualDoor } from './virtual-door.ts'

/** A hall door with camera and display, without a controller: the largest of the programs here, and the slowest to start. */
export interface LoneDoor {
  /** The next green resident shows a code. */
  showNext(): Promise<ShowingEvent>
  /** Resident memory by the kernel's account, in MB of 2^20 bytes. */
  residentMb(): number
  stop(): Promise<void>
}

/** Resolves when the device is ready. Throws what `VirtualDevice.start` throws. */
export async function startLoneDoor(paths: HomePaths, city: CityPlatform): Promise<LoneDoor> {
  const post = HALL_DOORS.find(({ reader }) => reader === 'camera')
  if (post === undefined) throw new BugError('door-missing', 'the hall has no door with a camera')
  const { device } = await VirtualDoor.open({ post, paths, centre: NO_CENTRE })
  let next = 0
  return {
    showNext: () => {
      const resident = city.findResident('ordinary', 'green', next)
      if (resident === null) throw new BugError('city-empty', 'expected a green resident')
      next = resident.index + 1
      return device.present(new Phone({ city, resident }).show(Math.floor(Date.now() / 1000)).bytes)
    },
    residentMb: () => residentMb(device.pid),
    stop: () => device.stop(),
  }
}
