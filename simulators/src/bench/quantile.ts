/** The value that a share `q` (0 … 1) of `values` does not pass; 0 of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Microsecond precision is all that a figure in milliseconds carries. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
