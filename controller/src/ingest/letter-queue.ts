import type { Letter } from '../broker/postman.ts'

/** A letter that waits, and the release of its sender. */
export interface WaitingLetter extends Letter {
  readonly settle: () => void
}

export interface QueueLimits {
  readonly letters: number
  readonly bytes: number
}

/** First in, first out, bounded in number and bytes. */
export class LetterQueue {
  readonly #limits: QueueLimits
  readonly #waiting: WaitingLetter[] = []
  #bytes = 0

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** False when it is full; the letter is then not kept. A single letter always fits into an empty queue. */
  add(letter: WaitingLetter): boolean {
    const full =
      this.#waiting.length >= this.#limits.letters || this.#bytes + letter.payload.length > this.#limits.bytes
    if (full && !this.isEmpty) return false
    this.#waiting.push(letter)
    this.#bytes += letter.payload.length
    return true
  }

  /** The oldest letters, at least one if there is any, within `limits`. */
  take(limits: QueueLimits): readonly WaitingLetter[] {
    let bytes = 0
    const fits = this.#waiting.findIndex(({ payload }, index) => {
      bytes += payload.length
      return index >= limits.letters || (index > 0 && bytes > limits.bytes)
    })
    const taken = this.#waiting.splice(0, fits === -1 ? this.#waiting.length : fits)
    for (const { payload } of taken) this.#bytes -= payload.length
    return taken
  }
}
