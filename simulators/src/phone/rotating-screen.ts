/** A code on the screen stays this long, then the next one takes its place. */
export const ROTATION_SECONDS = 30

/** What a phone shows at a moment. Times are Unix seconds. */
export interface ShownCode {
  /** What the QR symbol holds. */
  readonly bytes: Uint8Array
  readonly shownAt: number
  /** When the next code takes its place. */
  readonly rotatesAt: number
  /** When what the issuer signed ends. */
  readonly expiresAt: number
}

/** Keeps a code on the screen until it rotates, or until the clock was set back. */
export class RotatingScreen<Shown extends ShownCode> {
  readonly #make: (now: number) => Shown
  #shown: Shown | null = null

  /** `make(now)`: the next code, shown from `now` on. */
  constructor(make: (now: number) => Shown) {
    this.#make = make
  }

  /** The code at `now` (Unix seconds). */
  show(now: number): Shown {
    if (this.#shown === null || now >= this.#shown.rotatesAt || now < this.#shown.shownAt) this.#shown = this.#make(now)
    return this.#shown
  }
}
