import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BugError } from '@ankang/protocol'
import { SeededDraw } from '../city/seeded-draw.ts'
import { CAMERA_FRAME, CAMERA_HOLD_MS, writeDeviceConfig } from '../home/device-config.ts'
import { HALL_DOORS, homePaths } from '../home/home-paths.ts'
import { prepareHome } from '../home/prepare-home.ts'
import { Phone } from '../phone/phone.ts'
import { VirtualCamera } from '../virtual/virtual-camera.ts'
import { VirtualDevice } from '../virtual/virtual-device.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { median, roundMs } from './quantile.ts'

const STARTS = 7
const SHOWINGS_EACH = 10
/** What a technician may wait for, and what a box of one gigabyte can spare. */
const LIMITS = { readyMs: 1500, residentMb: 240 }

/** Resident memory of a process by the kernel's account, in MB of 2^20 bytes. */
function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kb === undefined) throw new BugError('resident-unknown', `/proc/${pid}/status names no VmRSS`)
  return Number(kb) / 1024
}

/** A hall door with camera and display, without a controller: the largest of the programs here, and the slowest to start. */
async function measure({ progress, signal }: BenchIo, directory: string): Promise<BenchResult> {
  const now = () => Math.floor(Date.now() / 1000)
  const { city } = prepareHome({ directory, now: now(), httpPort: 0, mqttPort: 0 })
  const paths = homePaths(directory)
  const door = HALL_DOORS.find(({ reader }) => reader === 'camera')
  if (door === undefined) throw new BugError('door-missing', 'the hall has no door with a camera')
  const configFile = writeDeviceConfig(paths, { door, mqttUrl: 'mqtt://127.0.0.1:9', linePath: null })
  const readyMs: number[] = []
  const resident: number[] = []
  let next = 0
  for (let start = 0; start < STARTS; start++) {
    signal.throwIfAborted()
    progress(`启动 start ${start + 1}/${STARTS}`)
    const draw = new SeededDraw(new Uint8Array(32), `start ${start}`)
    const source = new VirtualCamera({
      path: paths.device(door.device).cameraPipe,
      size: CAMERA_FRAME,
      holdMs: CAMERA_HOLD_MS,
      draw,
    })
    const startedMs = performance.now()
    const device = await VirtualDevice.start({ device: door.device, configFile, source })
    readyMs.push(performance.now() - startedMs)
    try {
      for (let showing = 0; showing < SHOWINGS_EACH; showing++) {
        const person = city.findResident('ordinary', 'green', next)
        if (person === null) throw new BugError('bench-city-empty', 'expected a green resident')
        next = person.index + 1
        await device.present(new Phone({ city, resident: person }).show(now()).text)
      }
      resident.push(residentMb(device.pid))
    } finally {
      await device.stop()
    }
  }
  const figures = {
    starts: STARTS,
    readyP50Ms: roundMs(median(readyMs)),
    readyMaxMs: roundMs(Math.max(...readyMs)),
    residentMaxMb: roundMs(Math.max(...resident)),
  }
  const ratio = Math.max(figures.readyP50Ms / LIMITS.readyMs, figures.residentMaxMb / LIMITS.residentMb)
  return { name: 'start', figures, limit: 1, ratio: roundMs(ratio) }
}

/** From the start of the device program to its ready line, and its memory after showings: against 1.5 s and 240 MB. */
export const start: Bench = {
  name: 'start',
  summary: '启动时间与内存  time to ready, and memory',
  run: async io => {
    const folder = mkdtempSync(join(tmpdir(), 'ankang-bench-'))
    try {
      return await measure(io, folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
