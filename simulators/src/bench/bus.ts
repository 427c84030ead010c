import { homePaths } from '../home/home-paths.ts'
import { prepareHome } from '../home/prepare-home.ts'
import { startLoneBus } from '../virtual/lone-bus.ts'
import type { ShowingEvent } from '../virtual/virtual-device.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { inBenchFolder } from './bench-folder.ts'
import { median, quantile, roundMs } from './quantile.ts'

const WARM_UP = 60
const RIDES = 600
/** Nobody waits at a bus door. The target on a box is 400 ms; here there is neither a slow core nor a slow card. */
const LIMIT_MS = 60

/** Median and worst hundredth of each stage, by the device's own clock. */
function stageFigures(stages: readonly ShowingEvent['stages'][]): Record<string, number> {
  const timed = ['read', 'recognise', 'verify', 'decide', 'record'] as const
  return Object.fromEntries(
    timed.flatMap(stage => {
      const ms = stages.map(one => one[stage])
      return [
        [`${stage}P50Ms`, roundMs(median(ms))],
        [`${stage}P99Ms`, roundMs(quantile(ms, 0.99))],
      ]
    }),
  )
}

async function measure({ progress, signal }: BenchIo, directory: string): Promise<BenchResult> {
  const { rides } = prepareHome({ directory, now: Math.floor(Date.now() / 1000), httpPort: 0, mqttPort: 0 })
  const bus = await startLoneBus(homePaths(directory), rides)
  const toVoiceMs: number[] = []
  const stages: ShowingEvent['stages'][] = []
  let admitted = 0
  try {
    for (let ride = 0; ride < WARM_UP + RIDES; ride++) {
      signal.throwIfAborted()
      if (ride % 100 === 0) progress(`乘车 ride ${ride}/${WARM_UP + RIDES}`)
      const one = await bus.rideNext()
      if (ride < WARM_UP) continue
      toVoiceMs.push(one.toVoiceMs)
      stages.push(one.event.stages)
      if (one.event.outcome === 'admit') admitted++
    }
  } finally {
    await bus.stop()
  }
  const p99Ms = roundMs(quantile(toVoiceMs, 0.99))
  return {
    name: 'bus',
    figures: {
      rides: RIDES,
      admitted,
      p50Ms: roundMs(median(toVoiceMs)),
      p99Ms,
      maxMs: roundMs(Math.max(...toVoiceMs)),
      ...stageFigures(stages),
    },
    limit: 1,
    better: 'lower',
    ratio: roundMs(p99Ms / LIMIT_MS),
  }
}

/** From the bytes of a ride code on the scanner's line to the voice, through the whole device program: p99 against 60 ms. */
export const bus: Bench = {
  name: 'bus',
  summary: '从串口字节到语音  from bytes on the line to the voice',
  run: io => inBenchFolder(folder => measure(io, folder)),
}
