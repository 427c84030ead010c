/** Unrecognised codes of one streak that get records of their own; the rest share one. Source: formats.md §5. */
const RECORDED_EACH = 3
const STREAK_MS = 10_000

/**
 * Counts what nobody claims: a scanner that reads a poster, or a stranger's flickering screen, must not fill the disk. From
 * the fourth in ten seconds on they are counted, and one further record carries the count.
 */
export class JunkStreak {
  #startedMs = 0
  #seen = 0
  #counted = 0

  /** Notes one more. True: record it by itself. Times never step. */
  isRecordedAlone(nowMs: number): boolean {
    if (this.#seen === 0) this.#startedMs = nowMs
    this.#seen++
    if (this.#seen <= RECORDED_EACH) return true
    this.#counted++
    return false
  }

  /** Whether the streak is over by time alone. */
  isOver(nowMs: number): boolean {
    return this.#seen > 0 && nowMs - this.#startedMs >= STREAK_MS
  }

  /** How many still want their record. */
  get counted(): number {
    return this.#counted
  }

  /** The streak has ended, and its count is on disk where there was one. */
  end(): void {
    this.#seen = 0
    this.#counted = 0
  }
}
