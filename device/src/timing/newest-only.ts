interface Waiting<T> {
  value: T
  readonly done: Promise<void>
}

/** Does one piece of work at a time; while it lasts only the newest of the others waits, and stands for those it overtook. */
export class NewestOnly<T> {
  readonly #work: (value: T) => Promise<void>
  #running: Promise<void> | null = null
  #waiting: Waiting<T> | null = null

  constructor(work: (value: T) => Promise<void>) {
    this.#work = work
  }

  /** Settles as the work on this value does, or as that on the newer one which overtook it. */
  submit(value: T): Promise<void> {
    if (this.#waiting !== null) {
      this.#waiting.value = value
      return this.#waiting.done
    }
    if (this.#running === null) return this.#begin(value)
    const before = this.#running.catch(() => undefined) // its own caller hears of it
    const waiting: Waiting<T> = { value, done: before.then(() => this.#beginWaiting(waiting)) }
    this.#waiting = waiting
    return waiting.done
  }

  /** Resolves when nothing runs or waits any more. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined) // its own caller hears of it
  }

  #beginWaiting(waiting: Waiting<T>): Promise<void> {
    this.#waiting = null
    return this.#begin(waiting.value)
  }

  #begin(value: T): Promise<void> {
    const running = this.#work(value).finally(() => {
      if (this.#running === running && this.#waiting === null) this.#running = null
    })
    this.#running = running
    return running
  }
}
