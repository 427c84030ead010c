/** Enough for what one packet's overlapping subscriptions and a waking session can bring twice. */
const REMEMBERED = 64

/**
 * Which letters a line was given last, by the broker's number of them. The broker's own check takes whatever comes
 * after a higher number for a repetition, and loses letters that overtook each other on their way through it.
 */
export class RecentLetters {
  readonly #ring: number[] = []
  #place = 0

  /** False where it was given before. */
  isNew(letter: number): boolean {
    if (this.#ring.includes(letter)) return false
    this.#ring[this.#place] = letter
    this.#place = (this.#place + 1) % REMEMBERED
    return true
  }
}
