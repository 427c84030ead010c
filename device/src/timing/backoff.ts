export interface BackoffLimits {
  readonly firstMs: number
  readonly maxMs: number
}

/** How long to wait before the next try: doubles from `firstMs` up to `maxMs`, starts anew after a success. */
export class Backoff {
  readonly #limits: BackoffLimits
  #nextMs: number

  constructor(limits: BackoffLimits) {
    this.#limits = limits
    this.#nextMs = limits.firstMs
  }

  next(): number {
    const delayMs = this.#nextMs
    this.#nextMs = Math.min(delayMs * 2, this.#limits.maxMs)
    return delayMs
  }

  succeeded(): void {
    this.#nextMs = this.#limits.firstMs
  }
}
