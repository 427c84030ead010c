import { readFileSync } from 'node:fs'
import { BugError } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import { SeededDraw } from '../city/seeded-draw.ts'
import { CAMERA_FRAME, CAMERA_HOLD_MS, writeDeviceConfig } from '../home/device-config.ts'
import { HALL_DOORS, type HomePaths } from '../home/home-paths.ts'
import { Phone } from '../phone/phone.ts'
import { VirtualCamera } from './virtual-camera.ts'
import { type ShowingEvent, VirtualDevice } from './virtual-device.ts'

/** A hall door with camera and display, without a controller: the largest of the programs here, and the slowest to start. */
export interface LoneDoor {
  /** The next green resident shows a code. */
  showNext(): Promise<ShowingEvent>
  /** Resident memory by the kernel's account, in MB of 2^20 bytes. */
  residentMb(): number
  stop(): Promise<void>
}

function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kb === undefined) throw new BugError('resident-unknown', `/proc/${pid}/status names no VmRSS`)
  return Number(kb) / 1024
}

/** Resolves when the device is ready. Throws what `VirtualDevice.start` throws. */
export async function startLoneDoor(paths: HomePaths, city: CityPlatform): Promise<LoneDoor> {
  const door = HALL_DOORS.find(({ reader }) => reader === 'camera')
  if (door === undefined) throw new BugError('door-missing', 'the hall has no door with a camera')
  const configFile = writeDeviceConfig(paths, { door, mqttUrl: 'mqtt://127.0.0.1:9', linePath: null })
  const source = new VirtualCamera({
    path: paths.device(door.device).cameraPipe,
    size: CAMERA_FRAME,
    holdMs: CAMERA_HOLD_MS,
    draw: new SeededDraw(new Uint8Array(32), door.device),
  })
  const device = await VirtualDevice.start({ device: door.device, configFile, source })
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
