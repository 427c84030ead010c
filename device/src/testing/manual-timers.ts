import type { CancelTimer, Timers } from '../timing/timers.ts'

interface Pending {
  readonly dueMs: number
  readonly action: () => void
}

/** Time that a test turns by hand. */
export class ManualTimers implements Timers {
  readonly #pending = new Set<Pending>()
  #nowMs: number

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  readonly nowMs = (): number => this.#nowMs

  get pendingCount(): number {
    return this.#pending.size
  }

  after(delayMs: number, action: () => void): CancelTimer {
    const pending = { dueMs: this.#nowMs + delayMs, action }
    this.#pending.add(pending)
    return () => this.#pending.delete(pending)
  }

  /** Lets time pass; what falls due on the way runs in its order, at its own moment. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (let next = this.#firstUntil(untilMs); next !== null; next = this.#firstUntil(untilMs)) {
      this.#pending.delete(next)
      this.#nowMs = next.dueMs
      next.action()
    }
    this.#nowMs = untilMs
  }

  #firstUntil(untilMs: number): Pending | null {
    let first: Pending | null = null
    for (const pending of this.#pending)
      if (pending.dueMs <= untilMs && (first === null || pending.dueMs < first.dueMs)) first = pending
    return first
  }
}
