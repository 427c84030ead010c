import type { Kept } from './kept.ts'

/** Whether nobody is let in. Closing holds at once and is kept then; opening up is kept first. */
export class Lockdown {
  readonly #kept: Kept
  readonly #onChange: () => void
  #isOn = false

  constructor(kept: Kept, onChange: () => void) {
    this.#kept = kept
    this.#onChange = onChange
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** As it was before the power went. */
  restore(): void {
    this.#isOn = this.#kept.state.lockdown
  }

  /** Whether anything changed. Rejects with an EnvironmentError when it could not be kept: closed all the same, opened not. */
  async set(on: boolean): Promise<boolean> {
    if (this.#isOn === on && this.#kept.state.lockdown === on) return false
    if (on) this.#turn(true)
    await this.#kept.change({ lockdown: on })
    if (!on) this.#turn(false)
    return true
  }

  #turn(on: boolean): void {
    if (this.#isOn === on) return
    this.#isOn = on
    this.#onChange()
  }
}
