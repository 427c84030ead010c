/** A small deterministic source of numbers: the same seed and index give the same input, so that a run can be resumed. */
export interface SeededRandom {
  /** 0 ≤ n < limit. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
  bytes(length: number): Uint8Array
}

/** mulberry32 over a mixture of seed and index. Not for keys. */
export function seededRandom(seed: number, index: number): SeededRandom {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick: <T>(from: readonly T[]): T => from[below(from.length)] as T,
    bytes: length => Uint8Array.from({ length }, () => below(256)),
  }
}
