import type { OrderView } from '../orders/order.ts'
import type { DeviceView, ShowingView } from './views.ts'

export type LiveEvent =
  | { readonly kind: 'showing'; readonly view: ShowingView }
  | { readonly kind: 'device'; readonly view: DeviceView }
  | { readonly kind: 'command'; readonly view: OrderView }

export type LiveListener = (event: LiveEvent) => void

/** Hands what happens to whoever watches. A listener must not throw and must not wait. */
export class LiveFeed {
  readonly #listeners = new Set<LiveListener>()

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  publish(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** Returns the way out. */
  watch(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
