import { ORDER_KINDS, type OrderName } from '@ankang/protocol'
import type { Permission } from '../people/principal.ts'

/** What came of an order. `cose` is the device's signed word; null where the centre concluded it itself. */
export interface OrderOutcome {
  readonly ok: boolean
  /** The device's code or JSON, or `restarted` where the run it was meant for is over. */
  readonly detail: string
  /** When it was heard here, by this machine's clock. */
  readonly timeMs: number
  readonly cose: Uint8Array | null
}

/** An order as it is kept. */
export interface Order {
  readonly id: string
  readonly device: string
  readonly name: string
  readonly args: Readonly<Record<string, string | number>>
  readonly issuedMs: number
  readonly expiresMs: number
  /** The actor, as the audit log names it. */
  readonly issuedBy: string
  readonly purpose: string
  /** As it is published, again and again. */
  readonly cose: Uint8Array
  readonly outcome: OrderOutcome | null
}

/** `refused`: the device did not carry it out. `expired`: its time passed and nothing was heard; a late word still counts. */
export const ORDER_STATES = ['sent', 'done', 'refused', 'expired'] as const
export type OrderState = (typeof ORDER_STATES)[number]

/** An order as the page and the API give it. */
export interface OrderView extends Omit<Order, 'cose' | 'outcome'> {
  readonly state: OrderState
  readonly result: Omit<OrderOutcome, 'cose'> | null
}

function stateOf(outcome: OrderOutcome | null, isOver: boolean): OrderState {
  if (outcome === null) return isOver ? 'expired' : 'sent'
  return outcome.ok ? 'done' : 'refused'
}

export function orderView({ cose: _, outcome, ...order }: Order, nowMs: number): OrderView {
  const state = stateOf(outcome, nowMs >= order.expiresMs)
  if (outcome === null) return { ...order, state, result: null }
  const { ok, detail, timeMs } = outcome
  return { ...order, state, result: { ok, detail, timeMs } }
}

/** Who moves a door is not who looks after the box. */
const DOOR_ORDERS: readonly OrderName[] = ['open-once', 'lockdown', 'release']

export function permissionFor(name: OrderName): Permission {
  return DOOR_ORDERS.includes(name) ? 'command:door' : 'command:maintain'
}

export const ORDER_NAMES = Object.keys(ORDER_KINDS) as readonly OrderName[]
