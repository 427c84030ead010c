import { EnvironmentError } from '@ankang/protocol'
import { type Keep, type KeptState, NOTHING_KEPT } from '../ports/keep.ts'

/** The keep and its contents in memory; changes wait for each other. */
export class Kept {
  readonly #keep: Keep
  #state: KeptState = NOTHING_KEPT
  #tail: Promise<unknown> = Promise.resolve()

  constructor(keep: Keep) {
    this.#keep = keep
  }

  get state(): KeptState {
    return this.#state
  }

  /** What is wrong with the keep, or null. A box that cannot know whether it was closed stays closed: leaving needs no permission. */
  async load(): Promise<EnvironmentError | null> {
    try {
      this.#state = await this.#keep.load()
      return null
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#state = { ...NOTHING_KEPT, lockdown: true }
      return error
    }
  }

  /** Resolves when it would survive a power cut; rejects as `Keep.save` does, and then nothing has changed. */
  change(part: Partial<KeptState>): Promise<void> {
    const done = this.#tail.then(async () => {
      const state = { ...this.#state, ...part }
      await this.#keep.save(state)
      this.#state = state
    })
    this.#tail = done.catch(() => undefined) // the caller gets the fault; the next change must not
    return done
  }
}
