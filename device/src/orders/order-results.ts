import { type PrivateKey, resultFormat } from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Link } from '../ports/link.ts'

/** Results kept to be said again; at 2 KB each at most. */
const MAX_KEPT = 64

interface ResultsOptions {
  readonly device: string
  readonly key: PrivateKey
  readonly clock: Clock
  readonly link: Link
  readonly onUnsaid: (what: string, error: unknown) => void
}

/** What came of orders, signed, said until the broker has taken it, and said again to whoever asks twice. */
export class OrderResults {
  readonly #options: ResultsOptions
  readonly #signed = new Map<string, Uint8Array>()
  readonly #unsaid = new Set<string>()

  constructor(options: ResultsOptions) {
    this.#options = options
  }

  /** The one answer to this order. */
  answer(id: string, ok: boolean, detail: string): void {
    const { device, key, clock } = this.#options
    this.#keep(id, resultFormat.encode({ device, id, timeMs: clock.nowMs(), ok, detail }, key))
    this.again(id)
  }

  /** The same bytes once more, where they are still here. */
  again(id: string): void {
    const signed = this.#signed.get(id)
    if (signed === undefined) return
    this.#unsaid.add(id)
    this.#options.link.publish('results', signed, { qos: 1, orderId: id }).then(
      () => this.#unsaid.delete(id),
      error => this.#options.onUnsaid('results', error),
    )
  }

  /** A new connection: what the last one did not carry. */
  linkUp(): void {
    for (const id of [...this.#unsaid]) this.again(id)
  }

  #keep(id: string, signed: Uint8Array): void {
    this.#signed.set(id, signed)
    if (this.#signed.size <= MAX_KEPT) return
    const [oldest] = this.#signed.keys()
    if (oldest === undefined) return
    this.#signed.delete(oldest)
    this.#unsaid.delete(oldest)
  }
}
