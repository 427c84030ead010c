/** What a bench found. One line of JSON: `{name, figures, limit, better, ratio}`. */
export interface BenchResult {
  readonly name: string
  /** Measured values, units in their names. */
  readonly figures: Readonly<Record<string, number>>
  /** What `ratio` must not pass; where higher is better, what it must reach. */
  readonly limit: number
  readonly better: 'lower' | 'higher'
  /** Ours against the floor measured in the same run; the least favourable where there are several. */
  readonly ratio: number
}

export function keepsLimit({ better, limit, ratio }: BenchResult): boolean {
  return better === 'lower' ? ratio <= limit : ratio >= limit
}

export interface BenchIo {
  /** Progress for whoever waits; at most a few times a second. */
  progress(text: string): void
  readonly signal: AbortSignal
}

/** A measurement of speed, ending within 45 seconds. Speed is proven here and never by a timed test. */
export interface Bench {
  readonly name: string
  readonly summary: string
  run(io: BenchIo): Promise<BenchResult>
}
