import { toHex } from '@ankang/protocol'

/** Makes one showing of a code that stays in view: told of every sighting, says which of them is new. */
export class CodeHold {
  readonly #holdMs: number
  readonly #lastSeenMs = new Map<string, number>()

  constructor(holdMs: number) {
    this.#holdMs = holdMs
  }

  /** Whether this code was out of view for more than the hold, or never in it. Times must not go back. */
  isNewShowing(bytes: Uint8Array, nowMs: number): boolean {
    for (const [code, seenMs] of this.#lastSeenMs) if (nowMs - seenMs > this.#holdMs) this.#lastSeenMs.delete(code)
    const code = toHex(bytes)
    const isNew = !this.#lastSeenMs.has(code)
    this.#lastSeenMs.set(code, nowMs)
    return isNew
  }
}
