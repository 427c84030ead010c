/** Lets each kind take turns: whoever is next of a kind comes behind the one before, and the first behind a place of `start`'s. */
export class Turns<T extends { readonly index: number }> {
  readonly #start: () => number
  readonly #next = new Map<string, number>()

  constructor(start: () => number) {
    this.#start = start
  }

  /** `find` is the next one of `kind` from `from` on. */
  take(kind: string, find: (from: number) => T): T {
    const found = find(this.#next.get(kind) ?? this.#start())
    this.#next.set(kind, found.index + 1)
    return found
  }
}
