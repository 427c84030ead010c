import { toHex } from '@ankang/protocol'

/** More than lie before one scanner in turn; what is forgotten early is read once more, and refused as shown before. */
const MAX_CODES = 4

/**
 * Makes one showing of a code that a scanner sends again and again while it is held before it: told of every arrival,
 * says which is a new showing.
 *
 * A scanner, unlike a camera, says nothing while it sees nothing: here only time tells that a code was taken away.
 */
export class RepeatHold {
  readonly #holdMs: number
  /** When each of the newest codes last came, the longest ago first. */
  readonly #lastMs = new Map<string, number>()

  /** With 0 every arrival is a new showing. */
  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  /** Whether this code did not come within the hold before. Each arrival prolongs it. Times must not go back. */
  isNewShowing(bytes: Uint8Array, nowMs: number): boolean {
    if (this.#holdMs === 0) return true
    const code = toHex(bytes)
    const lastMs = this.#lastMs.get(code)
    this.#lastMs.delete(code) // set anew below, it stands last
    this.#lastMs.set(code, nowMs)
    for (const oldest of this.#lastMs.keys()) {
      if (this.#lastMs.size <= MAX_CODES) break
      this.#lastMs.delete(oldest)
    }
    return lastMs === undefined || nowMs - lastMs >= this.#holdMs
  }
}
