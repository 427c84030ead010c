import { type ShowingEvent, STAGES, type Stage } from '../virtual/virtual-device.ts'

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
}

/** How long each stage took, by nearest rank. */
export function stageFigures(events: readonly ShowingEvent[]): Record<Stage, Percentiles> {
  const figures = STAGES.map(stage => [stage, percentiles(events.map(event => event.stages[stage]))])
  return Object.fromEntries(figures) as Record<Stage, Percentiles>
}
