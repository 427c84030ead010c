import { TokenBucket } from '../broker/token-bucket.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'

const { triesPerPlace, triesOfStrangers, placesRemembered } = PEOPLE_LIMITS

/**
 * How often log-ins are looked at: so often from each place, and so often from all strange places together. An operator at a
 * place of theirs does not wait for strangers. In memory: a restart forgives.
 */
export class GuessLimits {
  readonly #nowMs: () => number
  readonly #byPlace = new Map<string, TokenBucket>()
  readonly #strangers: TokenBucket

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#strangers = new TokenBucket(triesOfStrangers, nowMs())
  }

  /** 0 when this try may be made, and is counted; else how long to wait, in ms. */
  spend(place: string, isFamiliar: boolean): number {
    const nowMs = this.#nowMs()
    const bucket = this.#bucketOf(place, nowMs)
    const waitMs = Math.max(bucket.waitMs(nowMs), isFamiliar ? 0 : this.#strangers.waitMs(nowMs))
    if (waitMs > 0) return waitMs
    bucket.spend(1, nowMs)
    if (!isFamiliar) this.#strangers.spend(1, nowMs)
    return 0
  }

  /** Kept in the order of their last use; the one unused for longest is forgotten first. */
  #bucketOf(place: string, nowMs: number): TokenBucket {
    const bucket = this.#byPlace.get(place) ?? new TokenBucket(triesPerPlace, nowMs)
    this.#byPlace.delete(place)
    this.#byPlace.set(place, bucket)
    for (const oldest of this.#byPlace.keys()) {
      if (this.#byPlace.size <= placesRemembered) break
      this.#byPlace.delete(oldest)
    }
    return bucket
  }
}
