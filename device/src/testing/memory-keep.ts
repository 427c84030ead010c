import { EnvironmentError } from '@ankang/protocol'
import { type Keep, type KeptState, NOTHING_KEPT } from '../ports/keep.ts'
import { MemoryFailure } from './memory-failure.ts'

/** The keep's twin: what a disk would hold outlives every box that is built on it. */
export class MemoryKeep implements Keep {
  kept: KeptState
  readonly failure = new MemoryFailure('keep-failed', 'the keep in memory was told to fail')
  #isBroken = false

  constructor(kept: KeptState = NOTHING_KEPT) {
    this.kept = kept
  }

  /** What was kept can be read no more, until the next save. */
  spoil(): void {
    this.#isBroken = true
  }

  async load(): Promise<KeptState> {
    this.failure.check()
    if (this.#isBroken)
      throw new EnvironmentError('kept-state-broken', 'the keep in memory was spoilt', { retryable: false })
    return this.kept
  }

  async save(state: KeptState): Promise<void> {
    this.failure.check()
    this.#isBroken = false
    this.kept = state
  }
}
