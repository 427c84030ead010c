import { concatBytes, hmacSha256, u64be, utf8 } from '@ankang/protocol'

const WORDS_PER_BLOCK = 8

/** A choice and how often it comes, relative to its neighbours in the table. */
export interface Weighted<T> {
  readonly value: T
  readonly weight: number
}

/**
 * Draws that look random and are always the same for one seed and label: HMAC-SHA-256 in counter mode.
 * A label per purpose keeps one draw more or less here from changing everything there.
 */
export class SeededDraw {
  readonly #seed: Uint8Array
  readonly #label: Uint8Array
  #block: DataView = new DataView(new ArrayBuffer(0))
  #blocks = 0
  #wordsLeft = 0

  constructor(seed: Uint8Array, label: string) {
    this.#seed = seed
    this.#label = utf8(`${label}/`)
  }

  /** 0 … 2^32 − 1. */
  uint32(): number {
    if (this.#wordsLeft === 0) {
      const block = hmacSha256(this.#seed, concatBytes(this.#label, u64be(this.#blocks++)))
      this.#block = new DataView(block.buffer, block.byteOffset, block.byteLength)
      this.#wordsLeft = WORDS_PER_BLOCK
    }
    return this.#block.getUint32((WORDS_PER_BLOCK - this.#wordsLeft--) * 4)
  }

  /** 0 … `limit` − 1. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * limit)
  }

  /** `from` … `through`, both possible. */
  between(from: number, through: number): number {
    return from + this.below(through - from + 1)
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0]
  }

  /** One of a table that is not empty, as often as its weight says. */
  pickWeighted<T>(table: readonly [Weighted<T>, ...Weighted<T>[]]): T {
    let at = this.below(table.reduce((sum, { weight }) => sum + weight, 0))
    for (const { value, weight } of table) {
      if (at < weight) return value
      at -= weight
    }
    return table[0].value
  }

  /** A new array with the items of `list` in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const items = [...list]
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1)
      const moved = items[last] as T
      items[last] = items[other] as T
      items[other] = moved
    }
    return items
  }
}
