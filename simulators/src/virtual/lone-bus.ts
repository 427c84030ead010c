import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { BugError } from '@ankang/protocol'
import { ENOUGH_FEN } from '../home/bus-lines.ts'
import { NO_CENTRE } from '../home/device-config.ts'
import type { HomePaths } from '../home/home-paths.ts'
import { BUSES } from '../home/virtual-posts.ts'
import { RidePhone } from '../ride/ride-phone.ts'
import type { RidePlatform } from '../ride/ride-platform.ts'
import { residentMb } from './resident-memory.ts'
import { VirtualBus } from './virtual-bus.ts'
import type { ShowingEvent } from './virtual-device.ts'

/** Longer than any line of a recorder. */
const TAIL_BYTES = 512

export interface LoneRide {
  readonly event: ShowingEvent
  /** From the first byte on its way into the line until the clip began. */
  readonly toVoiceMs: number
}

/** A bus with a scanner and no line to the centre, as the benches and the soak need it. */
export interface LoneBus {
  /** The next passenger shows a ride code. Passengers come round again after all others. */
  rideNext(): Promise<LoneRide>
  /** Resident memory by the kernel's account, in MB of 2^20 bytes. */
  residentMb(): number
  stop(): Promise<void>
}

/** Unix milliseconds with their fractions, on the clock that recorders write by. */
function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Of a file that may have grown long. */
function lastLine(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const tail = Buffer.alloc(TAIL_BYTES)
    const lengthBytes = readSync(handle, tail, 0, TAIL_BYTES, Math.max(0, fstatSync(handle).size - TAIL_BYTES))
    return tail.toString('utf8', 0, lengthBytes).trimEnd().split('\n').at(-1) ?? ''
  } finally {
    closeSync(handle)
  }
}

/** When the newest clip was played. Its millisecond is cut off, so that it counts as over. */
function newestVoiceMs(file: string): number {
  const { atMs } = JSON.parse(lastLine(file)) as { atMs?: unknown }
  if (typeof atMs !== 'number') throw new BugError('voice-log-invalid', `${file}: expected atMs in the last line`)
  return atMs + 1
}

/** Resolves when the device is ready and knows where it is. Throws what `VirtualBus.open` throws. */
export async function startLoneBus(paths: HomePaths, rides: RidePlatform): Promise<LoneBus> {
  const post = BUSES.find(({ reader }) => reader === 'scanner')
  if (post === undefined) throw new BugError('bus-missing', 'there is no virtual bus with a scanner')
  const bus = await VirtualBus.open({ post, paths, centre: NO_CENTRE })
  const phones = new Map<number, RidePhone>()
  const { voice } = paths.device(post.device)
  let next = 0
  return {
    rideNext: async () => {
      const rider = rides.findRider(one => one.singleRideLimitFen >= ENOUGH_FEN && one.type !== 'test', next)
      if (rider === null) throw new BugError('riders-missing', 'expected a rider with enough to spend')
      next = (rider.index + 1) % rides.population
      const phone = phones.get(rider.index) ?? new RidePhone({ platform: rides, rider })
      phones.set(rider.index, phone)
      const { bytes } = phone.show(Math.floor(Date.now() / 1000))
      const startedMs = nowMs()
      const event = await bus.device.present(bytes)
      return { event, toVoiceMs: newestVoiceMs(voice) - startedMs }
    },
    residentMb: () => residentMb(bus.device.pid),
    stop: () => bus.close(),
  }
}
