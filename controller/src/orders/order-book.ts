import type { Order, OrderOutcome } from './order.ts'

/**
 * Every order ever given, and what came of it. What is written inside one `commit` is on disk together when it returns;
 * when it throws, nothing of it happened.
 */
export interface OrderBook {
  commit<T>(work: () => T): T
  add(order: Order): void
  find(id: string): Order | null
  /** A later outcome takes the place of an earlier one. */
  conclude(id: string, outcome: OrderOutcome): void
  /** Newest first. */
  ofDevice(device: string, limit: number): readonly Order[]
  /** Without an outcome and not expired, oldest first. */
  waiting(nowMs: number): readonly Order[]
}

/** What one device is to be like, as it was last set. */
export interface DesiredState {
  readonly device: string
  readonly version: number
  readonly config: Readonly<Record<string, string | number>>
  readonly cose: Uint8Array
  readonly setMs: number
  readonly setBy: string
}

/** The newest desired state of each device. `commit` as in `OrderBook`. */
export interface DesiredBook {
  commit<T>(work: () => T): T
  keep(desired: DesiredState): void
  find(device: string): DesiredState | null
  all(): readonly DesiredState[]
}
