import { MAX_COMMAND_SECONDS } from '@ankang/protocol'
import { COMMAND_SKEW_SECONDS } from './judge-command.ts'

/** Ids remembered: far more than any hand orders in the life of a command. */
const MAX_IDS = 1024
/** Longest that a command can go on being in time after it was first seen, by a clock that never steps. */
const MAX_LIFE_MS = (MAX_COMMAND_SECONDS + COMMAND_SKEW_SECONDS) * 1000

/**
 * Which orders this run has seen, so that none is carried out twice. The boot nonce makes a longer memory needless. An id
 * is forgotten only when there is no more room and its command has expired by the monotonic clock: setting the wall clock
 * back brings none to life.
 */
export class OrderMemory {
  readonly #seenAtMs = new Map<string, number>()

  has(id: string): boolean {
    return this.#seenAtMs.has(id)
  }

  /** False when there is no room: then the order must not be carried out. */
  remember(id: string, monotonicMs: number): boolean {
    if (this.#seenAtMs.size >= MAX_IDS && !this.#forgetOldest(monotonicMs)) return false
    this.#seenAtMs.set(id, monotonicMs)
    return true
  }

  #forgetOldest(monotonicMs: number): boolean {
    const [oldest] = this.#seenAtMs // in the order they came
    if (oldest === undefined || monotonicMs - oldest[1] <= MAX_LIFE_MS) return false
    return this.#seenAtMs.delete(oldest[0])
  }
}
