import { toHex } from '@ankang/protocol'

/**
 * Makes one showing of a code that stays in view: told of every look at a frame, says which sight is a new showing.
 *
 * A code is gone once frames without it were looked at for longer than the hold. Time in which nobody looked proves
 * nothing: a box that stood still for a second must not open twice for one showing.
 */
export class CodeHold {
  readonly #holdMs: number
  /** How long each held code has been looked for in vain. */
  readonly #absentMs = new Map<string, number>()
  #lastLookMs: number | null = null

  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  /** Whether this look shows a code that was not in view. Null is a frame without a code. Times must not go back. */
  look(bytes: Uint8Array | null, nowMs: number): boolean {
    const unseenMs = Math.min(nowMs - (this.#lastLookMs ?? nowMs), this.#holdMs / 4)
    this.#lastLookMs = nowMs
    for (const [code, absentMs] of this.#absentMs) {
      if (absentMs + unseenMs > this.#holdMs) this.#absentMs.delete(code)
      else this.#absentMs.set(code, absentMs + unseenMs)
    }
    if (bytes === null) return false
    const code = toHex(bytes)
    const isNew = !this.#absentMs.has(code)
    this.#absentMs.set(code, 0)
    return isNew
  }
}
