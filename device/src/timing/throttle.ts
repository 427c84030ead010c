interface Held {
  readonly saidAtMs: number
  count: number
}

/** Lets one of a kind through in a while and counts the others. Kinds are few and known; times never step. */
export class Throttle {
  readonly #everyMs: number
  readonly #held = new Map<string, Held>()

  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  /** How many this one stands for, with those held back before it; null: hold it back too. */
  admit(kind: string, nowMs: number): number | null {
    const held = this.#held.get(kind)
    if (held !== undefined && nowMs - held.saidAtMs < this.#everyMs) {
      held.count++
      return null
    }
    this.#held.set(kind, { saidAtMs: nowMs, count: 0 })
    return (held?.count ?? 0) + 1
  }
}
