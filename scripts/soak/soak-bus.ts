import { homePaths } from '../../simulators/src/home/home-paths.ts'
import { prepareHome } from '../../simulators/src/home/prepare-home.ts'
import { startLoneBus } from '../../simulators/src/virtual/lone-bus.ts'

/** Share by which the last tenth may differ from the second. */
export const MOST_GROWTH = 0.05

export interface SoakOptions {
  /** For a home of its own. */
  readonly directory: string
  readonly showings: number
  readonly signal: AbortSignal
  onProgress(shown: number, residentMb: number): void
}

export interface SoakFigures {
  readonly showings: number
  readonly admitted: number
  /** Mean resident memory over the second tenth of the showings, and over the last. */
  readonly secondTenthMb: number
  readonly lastTenthMb: number
  /** Of the last against the second; 0.02 is two per cent more. */
  readonly growth: number
  readonly showingsPerSecond: number
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** How a series of resident memory in MB has grown from its second tenth to its last. */
export function growthOf(residentMb: readonly number[]): Pick<SoakFigures, 'secondTenthMb' | 'lastTenthMb' | 'growth'> {
  const tenth = Math.floor(residentMb.length / 10)
  const second = mean(residentMb.slice(tenth, 2 * tenth))
  const last = mean(residentMb.slice(-tenth))
  return { secondTenthMb: rounded(second, 1), lastTenthMb: rounded(last, 1), growth: rounded(last / second - 1, 4) }
}

/** The real device program on a bus without a line: scanner on a PTY, journal, display, voice. */
export async function soakBus({ directory, showings, signal, onProgress }: SoakOptions): Promise<SoakFigures> {
  const { rides } = prepareHome({ directory, now: Math.floor(Date.now() / 1000), httpPort: 0, mqttPort: 0 })
  const bus = await startLoneBus(homePaths(directory), rides)
  const residentMb: number[] = []
  let admitted = 0
  const startedMs = performance.now()
  try {
    for (let shown = 1; shown <= showings && !signal.aborted; shown++) {
      const { event } = await bus.rideNext()
      if (event.outcome === 'admit') admitted++
      residentMb.push(bus.residentMb())
      onProgress(shown, residentMb.at(-1) ?? 0)
    }
  } finally {
    await bus.stop()
  }
  const showingsPerSecond = rounded((residentMb.length / (performance.now() - startedMs)) * 1000, 1)
  return { showings: residentMb.length, admitted, ...growthOf(residentMb), showingsPerSecond }
}
