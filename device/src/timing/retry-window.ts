export interface RetryWindows {
  readonly firstMs: number
  readonly maxMs: number
  /** However lucky the draw: somebody who refuses at once is not asked without pause. */
  readonly leastMs: number
}

/**
 * Full jitter: the wait before a try comes from anywhere in its window, which doubles with every `failures` from `firstMs`
 * up to `maxMs`. A fleet that fails at one moment does not come back at one moment. `draw` is uniform in [0, 1).
 */
export function retryInMs(failures: number, draw: number, { firstMs, maxMs, leastMs }: RetryWindows): number {
  return Math.max(leastMs, Math.min(maxMs, firstMs * 2 ** failures) * draw)
}
