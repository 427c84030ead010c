import { homePaths } from '../home/home-paths.ts'
import { prepareHome } from '../home/prepare-home.ts'
import { startLoneDoor } from '../virtual/lone-door.ts'
import type { Bench, BenchIo, BenchResult } from './bench.ts'
import { inBenchFolder } from './bench-folder.ts'
import { median, roundMs } from './quantile.ts'

const STARTS = 7
const SHOWINGS_EACH = 10
/** What a technician may wait for, and what a box of one gigabyte can spare. */
const LIMITS = { readyMs: 1500, residentMb: 240 }

async function measure({ progress, signal }: BenchIo, directory: string): Promise<BenchResult> {
  const { city } = prepareHome({ directory, now: Math.floor(Date.now() / 1000), httpPort: 0, mqttPort: 0 })
  const readyMs: number[] = []
  const resident: number[] = []
  for (let start = 0; start < STARTS; start++) {
    signal.throwIfAborted()
    progress(`启动 start ${start + 1}/${STARTS}`)
    const startedMs = performance.now()
    const door = await startLoneDoor(homePaths(directory), city)
    readyMs.push(performance.now() - startedMs)
    try {
      // A later start meets the first residents again, with new proofs.
      for (let showing = 0; showing < SHOWINGS_EACH; showing++) await door.showNext()
      resident.push(door.residentMb())
    } finally {
      await door.stop()
    }
  }
  const figures = {
    starts: STARTS,
    readyP50Ms: roundMs(median(readyMs)),
    readyMaxMs: roundMs(Math.max(...readyMs)),
    residentMaxMb: roundMs(Math.max(...resident)),
  }
  const ratio = Math.max(figures.readyP50Ms / LIMITS.readyMs, figures.residentMaxMb / LIMITS.residentMb)
  return { name: 'start', figures, limit: 1, better: 'lower', ratio: roundMs(ratio) }
}

/** From the start of the device program to its ready line, and its memory after showings: against 1.5 s and 240 MB. */
export const start: Bench = {
  name: 'start',
  summary: '启动时间与内存  time to ready, and memory',
  run: io => inBenchFolder(folder => measure(io, folder)),
}
