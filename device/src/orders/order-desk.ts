import { commandFormat, type DeviceCommand, type Trust } from '@ankang/protocol'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import { authenticate } from './authenticate.ts'
import { carryOut, type OrderHands } from './carry-out.ts'
import { type Judgement, judgeCommand, type Order, type OrderRefusal } from './judge-command.ts'
import { OrderMemory } from './order-memory.ts'
import type { OrderRecords } from './order-records.ts'
import type { OrderResults } from './order-results.ts'
import type { Unheeded } from './unheeded.ts'

/** What happened to one order, for the log. */
export interface OrderEnd {
  readonly id: string
  readonly name: string
  readonly ok: boolean
  /** `asked-for` where the result holds more than a code. */
  readonly code: string
}

export interface OrderDeskOptions {
  readonly device: string
  readonly trust: Trust
  readonly bootNonce: Uint8Array
  readonly clock: Clock & { earliestMs(): number }
  readonly hasOutput: boolean
  readonly hands: OrderHands
  readonly records: OrderRecords
  readonly results: OrderResults
  readonly unheeded: Unheeded
  readonly counters: { ordersRefused: number }
  readonly onOrder: (end: OrderEnd) => void
  /** A bug met while carrying out an order. */
  readonly onBroken: (error: unknown) => void
}

/** Orders waiting behind the one under way. */
const MAX_WAITING = 8

/**
 * Where commands come in: authenticate → judge → record → act → answer. One at a time, and each once: an id that comes
 * again gets its answer again. What lets somebody in is not done without its record.
 */
export class OrderDesk {
  readonly #options: OrderDeskOptions
  readonly #memory = new OrderMemory()
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #isClosed = false

  constructor(options: OrderDeskOptions) {
    this.#options = options
  }

  /** A message on the commands topic, whoever sent it. */
  receive(message: Uint8Array): void {
    if (this.#isClosed) return
    const authentic = authenticate(commandFormat, 'command', message, this.#options)
    if (authentic.ok) this.#take(authentic.content)
    else this.#options.unheeded.note('command', authentic.reason)
  }

  /** Takes no more; resolves when what was taken has been answered. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.settled()
  }

  /** Resolves when every order that was there at the call has been answered. */
  async settled(): Promise<void> {
    await this.#tail
  }

  #take(command: DeviceCommand): void {
    const { unheeded, results, clock } = this.#options
    if (this.#memory.has(command.id)) results.again(command.id)
    // Before anything is awaited: the same message a moment later finds it here.
    else if (this.#memory.remember(command.id, clock.monotonicMs())) this.#enqueue(command)
    else unheeded.note('command', 'too-many')
  }

  #enqueue(command: DeviceCommand): void {
    const isBusy = this.#waiting >= MAX_WAITING
    this.#waiting++
    this.#tail = this.#tail
      .then(() => (isBusy ? this.#refuse(command, 'busy') : this.#handle(command)))
      .catch(error => this.#broken(command.id, error))
      .finally(() => {
        this.#waiting--
      })
  }

  #broken(id: string, error: unknown): void {
    this.#options.onBroken(error)
    this.#options.results.answer(id, false, 'fault')
  }

  /** Judged when its turn comes: what was ordered before it has taken effect, and time has passed. */
  async #handle(command: DeviceCommand): Promise<void> {
    const judgement = this.#judge(command)
    if (judgement.ok) await this.#carryOut(command, judgement.order)
    else await this.#refuse(command, judgement.refusal)
  }

  #judge(command: DeviceCommand): Judgement {
    const { bootNonce, clock, hasOutput, hands } = this.#options
    return judgeCommand(command, {
      bootNonce,
      now: Math.max(nowSeconds(clock), Math.floor(clock.earliestMs() / 1000)),
      isSynced: clock.trust() === 'synced',
      hasOutput,
      isLockedDown: hands.lockdown.isOn,
    })
  }

  async #carryOut(command: DeviceCommand, order: Order): Promise<void> {
    const { records, results, hands, onOrder } = this.#options
    const { id } = command
    const seq = await records.accepted(id, order.name)
    if (seq === null && letsIn(order)) return this.#answerRefused(id, order.name, 'storage-full')
    // a dying disk takes minutes over a record: whoever ordered this may no longer be watching the door
    const still = this.#judge(command)
    if (!still.ok && letsIn(order)) return this.#refuse(command, still.refusal)
    const { ok, detail, afterwards } = await carryOut(order, seq, hands)
    results.answer(id, ok, detail)
    onOrder({ id, name: order.name, ok, code: detail.startsWith('{') ? 'asked-for' : detail })
    afterwards?.()
  }

  async #refuse({ id, name }: DeviceCommand, refusal: OrderRefusal): Promise<void> {
    await this.#options.records.refused(id, refusal)
    this.#answerRefused(id, name, refusal)
  }

  #answerRefused(id: string, name: string, refusal: OrderRefusal): void {
    const { counters, results, onOrder } = this.#options
    counters.ordersRefused++
    results.answer(id, false, refusal)
    onOrder({ id, name, ok: false, code: refusal })
  }
}

/** What a full journal stops. The rest makes the box safer, or tells what is wrong with it. */
function letsIn({ name }: Order): boolean {
  return name === 'open-once' || name === 'release'
}
