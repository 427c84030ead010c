/** Does one thing again and again, at a pace that may be changed; stopped until the first. */
export class Repeating {
  readonly #run: () => void
  #timer: NodeJS.Timeout | null = null

  constructor(run: () => void) {
    this.#run = run
  }

  /** The next time is `periodMs` from now. */
  every(periodMs: number): void {
    this.stop()
    this.#timer = setInterval(this.#run, periodMs)
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
