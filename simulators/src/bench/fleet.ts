import { setTimeout as delay } from 'node:timers/promises'
import { LINK_RETRIES, retryInMs } from '@ankang/device/parts'
import { enrolFleet } from '../fleet/fleet-identities.ts'
import { LightDevice } from '../fleet/light-device.ts'
import { homePaths } from '../home/home-paths.ts'
import { prepareHome } from '../home/prepare-home.ts'
import { residentMb } from '../virtual/resident-memory.ts'
import { startController } from '../virtual/virtual-controller.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { inBenchFolder } from './bench-folder.ts'
import { median, quantile, roundMs } from './quantile.ts'

const DEVICES = 2000
const AT_ONCE = 64
/** After a restart the last of two thousand is to be ready by then. */
const LIMIT_MS = 60_000
const MB = 1024 * 1024

/** Connects, and tries again as a device does. Milliseconds until the centre had answered. */
async function untilReady(device: LightDevice, url: string, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now()
  for (let failures = 0; ; failures++) {
    await delay(retryInMs(failures, Math.random(), LINK_RETRIES))
    signal.throwIfAborted()
    try {
      await device.connect(url)
      return performance.now() - startedMs
    } catch (error) {
      device.cut()
      if (!(error instanceof Error)) throw error // refused, cut or silent: tried again
    }
  }
}

/** All of them, a few at a time. */
async function connectAll(fleet: readonly LightDevice[], url: string): Promise<void> {
  const waiting = [...fleet]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let device = waiting.pop(); device !== undefined; device = waiting.pop()) await device.connect(url)
    }),
  )
}

async function measure({ progress, signal }: BenchIo, directory: string): Promise<BenchResult> {
  const nowSeconds = Math.floor(Date.now() / 1000)
  prepareHome({ directory, now: nowSeconds, httpPort: 0, mqttPort: 0 })
  const paths = homePaths(directory)
  progress(`登记 ${DEVICES} 台设备 · enrolling ${DEVICES} devices`)
  const names = Array.from({ length: DEVICES }, (_, place) => ({ site: `site-${place % 50}`, device: `box-${place}` }))
  const fleet = (await enrolFleet(paths, names, nowSeconds)).map(one => new LightDevice(one))
  const first = await startController(paths.controllerConfig)
  let controller = first.process
  const { mqttUrl } = first.address
  try {
    const emptyMb = residentMb(controller.pid)
    progress(`连接 ${DEVICES} 台设备 · connecting them`)
    const connectedAtMs = performance.now()
    await connectAll(fleet, mqttUrl)
    const connectMs = performance.now() - connectedAtMs
    await delay(2000, undefined, { signal })
    const fullMb = residentMb(controller.pid)
    progress('控制器重启，全部重连 · the controller is restarted, everybody comes back')
    await controller.stop()
    for (const device of fleet) device.cut()
    const restartedMs = performance.now()
    const ready = Promise.all(fleet.map(device => untilReady(device, mqttUrl, signal)))
    ready.catch(() => undefined) // told below
    controller = (await startController(paths.controllerConfig, {}, ['--mqtt-port', new URL(mqttUrl).port])).process
    const upMs = performance.now() - restartedMs
    const times = await ready
    const sample: number[] = []
    for (const device of fleet.slice(0, 200)) sample.push(await device.roundTripMs())
    const allReadyMs = Math.max(...times)
    return {
      name: 'fleet',
      figures: {
        devices: DEVICES,
        bytesPerConnection: Math.round(((fullMb - emptyMb) * MB) / DEVICES),
        residentMb: roundMs(fullMb),
        handshakesPerSecond: roundMs((DEVICES / connectMs) * 1000),
        restartToListeningMs: roundMs(upMs),
        readyP50Ms: roundMs(median(times)),
        readyP99Ms: roundMs(quantile(times, 0.99)),
        allReadyMs: roundMs(allReadyMs),
        roundTripP50Ms: roundMs(median(sample)),
        roundTripP99Ms: roundMs(quantile(sample, 0.99)),
      },
      limit: 1,
      better: 'lower',
      ratio: roundMs(allReadyMs / LIMIT_MS),
    }
  } finally {
    for (const device of fleet) device.cut()
    await controller.stop()
  }
}

/** Two thousand boxes over TLS on one broker: memory of each line, and how long all need to come back after a restart. */
export const fleet: Bench = {
  name: 'fleet',
  summary: '两千台设备连接与重连  two thousand devices on the line, and back after a restart',
  run: io => inBenchFolder(folder => measure(io, folder)),
}
