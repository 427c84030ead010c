import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'

import { SeededDraw } from '../../src/city/seeded-draw.ts'
import { CAMERA_FRAME, CAMERA_HOLD_MS, writeDeviceConfig } from '../../src/home/device-config.ts'
import { HALL_DOORS, homePaths } from '../../src/home/home-paths.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { Phone } from '../../src/phone/phone.ts'
import { VirtualCamera } from '../../src/virtual/virtual-camera.ts'
import { VirtualDevice } from '../../src/virtual/virtual-device.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const LIMIT_MS = 60_000
const SHOWINGS = 60
const MOST_RESIDENT_MB = 240

function residentMb(pid: number): number {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kb) / 1024
}

describe('the device program', () => {
  it(
    `stays below ${MOST_RESIDENT_MB} MB resident with camera and display, ${SHOWINGS} showings long`,
    async () => {
      const directory = temporaryFolder()
      const now = () => Math.floor(Date.now() / 1000)
      const { city } = prepareHome({ directory, now: now(), httpPort: 0, mqttPort: 0 })
      const paths = homePaths(directory)
      const door = HALL_DOORS.find(({ reader }) => reader === 'camera')
      if (door === undefined) throw new TypeError('the hall has no camera')
      const source = new VirtualCamera({
        path: paths.device(door.device).cameraPipe,
        size: CAMERA_FRAME,
        holdMs: CAMERA_HOLD_MS,
        draw: new SeededDraw(new Uint8Array(32), 'memory'),
      })
      const configFile = writeDeviceConfig(paths, { door, mqttUrl: 'mqtt://127.0.0.1:9', linePath: null })
      const device = await VirtualDevice.start({ device: door.device, configFile, source })
      onTestFinished(() => device.stop())
      let next = 0
      for (let showing = 0; showing < SHOWINGS; showing++) {
        const resident = city.findResident('ordinary', 'green', next)
        if (resident === null) throw new TypeError('nobody is green')
        next = resident.index + 1
        expect(await device.present(new Phone({ city, resident }).show(now()).text)).toMatchObject({ outcome: 'admit' })
      }
      const resident = residentMb(device.pid)
      expect(resident).toBeGreaterThan(50) // a process that has ended has none
      expect(resident).toBeLessThan(MOST_RESIDENT_MB)
    },
    LIMIT_MS,
  )
})
