import {
  commandFormat,
  describeError,
  deviceTopic,
  fromHex,
  isOrderName,
  MAX_COMMAND_SECONDS,
  ORDER_KINDS,
  type OrderName,
  type PrivateKey,
  toHex,
  UsageError,
} from '@ankang/protocol'
import * as v from 'valibot'
import type { Audit } from '../audit/audit.ts'
import type { Postman } from '../broker/postman.ts'
import type { BirthListener } from '../fleet/device-channels.ts'
import type { DeviceStanding } from '../fleet/device-standing.ts'
import type { LiveFeed } from '../fleet/live-feed.ts'
import type { DeviceDirectory, KnownDevice } from '../ingest/device-directory.ts'
import type { Log } from '../log.ts'
import { type Order, type OrderOutcome, type OrderView, orderView, permissionFor } from './order.ts'
import type { OrderBook } from './order-book.ts'
import { type SigningKey, signingKey } from './signing-key.ts'

/** How long an order lives unless somebody says otherwise: what has not happened by then is not what anybody wants any more. */
const ORDER_SECONDS = 30
/** Without a result and not expired, for each device. */
const MAX_WAITING = 8
/** Of those places, what maintenance may take: a lockdown always finds one that no technician has filled. */
const MAX_MAINTENANCE = 5
const ID_BYTES = 16

export interface OrderDeskParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly standing: Pick<DeviceStanding, 'isConnected' | 'isRevoked'>
  /** Hex, of the device's present run; null while it was not heard of. */
  readonly bootNonceOf: (device: string) => string | null
  readonly book: OrderBook
  /** On the book's own connection, so that an order and its trace are on disk together. */
  readonly audit: Audit
  readonly feed: LiveFeed
  readonly key: PrivateKey
  readonly log: Log
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

export interface OrderWish {
  readonly device: string
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly purpose: string
  readonly actor: string
  /** 1 to `MAX_COMMAND_SECONDS`. */
  readonly seconds?: number
}

/** Why nothing was sent. `detail` is for whoever asked. */
export interface OrderRefusal {
  readonly ok: false
  readonly error: 'device-unknown' | 'device-revoked' | 'device-away' | 'order-unknown' | 'args-invalid' | 'too-many'
  readonly detail: string
}

export type IssuedOrder = { readonly ok: true; readonly id: string; readonly expiresMs: number } | OrderRefusal

type Checked = {
  readonly ok: true
  readonly known: KnownDevice
  readonly args: Order['args']
  readonly bootNonce: Uint8Array
}

function refused(error: OrderRefusal['error'], detail: string): OrderRefusal {
  return { ok: false, error, detail }
}

interface FullPlaces {
  readonly taken: number
  readonly zh: string
  readonly en: string
}

function isMaintenance(name: string): boolean {
  return isOrderName(name) && permissionFor(name) === 'command:maintain'
}

function isForThisRun(order: Order, bootNonce: string | null): boolean {
  const command = commandFormat.decode(order.cose)
  return command.ok && toHex(command.value.content.bootNonce) === bootNonce
}

/**
 * Gives orders to devices. An order and its trace in the audit log are on disk before anybody hears of it; it is said again
 * whenever its device comes back in the same run, until it expires.
 */
export class OrderDesk implements BirthListener {
  readonly #parts: OrderDeskParts
  readonly #key: SigningKey
  /** By id; the book is the truth, this is whom we wait for. */
  readonly #waiting: Map<string, Order>

  constructor(parts: OrderDeskParts) {
    this.#parts = parts
    this.#key = signingKey(parts.key)
    this.#waiting = new Map(parts.book.waiting(parts.nowMs()).map(order => [order.id, order]))
  }

  /** Throws `order-seconds-invalid`. A refusal leaves a trace as well: somebody tried. */
  issue(wish: OrderWish): IssuedOrder {
    const seconds = wish.seconds ?? ORDER_SECONDS
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_COMMAND_SECONDS)
      throw new UsageError(
        'order-seconds-invalid',
        `expected 1 to ${MAX_COMMAND_SECONDS} whole seconds for an order to live, got ${seconds}`,
      )
    const checked = this.#check(wish)
    if (!checked.ok) {
      this.#trace(wish, { ok: false, detail: { error: checked.error } })
      return checked
    }
    const order = this.#sign(wish, checked, seconds)
    this.#parts.book.commit(() => {
      this.#trace(wish, { ok: true, detail: { id: order.id, ...order.args } })
      this.#parts.book.add(order)
    })
    this.#waiting.set(order.id, order)
    this.#post(checked.known, order)
    this.#tell(order)
    return { ok: true, id: order.id, expiresMs: order.expiresMs }
  }

  /** Says again what waits for the run that has just been heard of; what waited for an earlier one will never be done. */
  onBirth(known: KnownDevice): void {
    const bootNonce = this.#parts.bootNonceOf(known.device)
    for (const order of this.#waitingFor(known.device)) {
      if (isForThisRun(order, bootNonce)) this.#post(known, order)
      else this.#giveUp(order)
    }
  }

  /** Tells whoever watches what has expired since the last call. About once a second. */
  tick(): void {
    const nowMs = this.#parts.nowMs()
    for (const order of this.#waiting.values()) {
      if (nowMs < order.expiresMs) continue
      this.#waiting.delete(order.id)
      this.#tell(order)
    }
  }

  /** To be called once the outcome is on disk. */
  concluded(order: Order, outcome: OrderOutcome): void {
    this.#waiting.delete(order.id)
    this.#tell({ ...order, outcome })
  }

  /** Newest first. */
  ordersOf(device: string, limit = 50): readonly OrderView[] {
    const { book, nowMs } = this.#parts
    return book.ofDevice(device, limit).map(order => orderView(order, nowMs()))
  }

  #check({ device, name, args }: OrderWish): Checked | OrderRefusal {
    const { directory, standing, bootNonceOf } = this.#parts
    const known = directory.find(device)
    if (known === null) return refused('device-unknown', '没有这台设备 no such device')
    if (!isOrderName(name)) return refused('order-unknown', '没有这种命令 no such order')
    const parsed = v.safeParse(ORDER_KINDS[name].args, args)
    if (!parsed.success) return refused('args-invalid', parsed.issues.map(({ message }) => message).join('; '))
    if (standing.isRevoked(device)) return refused('device-revoked', '该设备已吊销 this device is revoked')
    const bootNonce = bootNonceOf(device)
    if (!standing.isConnected(device) || bootNonce === null)
      return refused('device-away', '该设备未连接；连上后再试 this device is not connected; try again when it is')
    const places = this.#fullPlaces(device, name)
    if (places !== null)
      return refused(
        'too-many',
        `已有 ${places.taken} 条${places.zh}命令在等待 ${places.taken} ${places.en} are waiting; let them end first`,
      )
    return { ok: true, known, args: parsed.output, bootNonce: fromHex(bootNonce) }
  }

  /** What leaves no place for one more; null: there is one. */
  #fullPlaces(device: string, name: OrderName): FullPlaces | null {
    const waiting = this.#waitingFor(device)
    if (waiting.length >= MAX_WAITING) return { taken: MAX_WAITING, zh: '', en: 'orders' }
    if (!isMaintenance(name) || waiting.filter(order => isMaintenance(order.name)).length < MAX_MAINTENANCE) return null
    return { taken: MAX_MAINTENANCE, zh: '维护', en: 'maintenance orders' }
  }

  #sign({ device, name, purpose, actor }: OrderWish, { args, bootNonce }: Checked, seconds: number): Order {
    const { random, nowMs } = this.#parts
    const id = toHex(random(ID_BYTES))
    const issuedMs = nowMs()
    const issuedAt = Math.floor(issuedMs / 1000)
    const expiresAt = issuedAt + seconds
    const command = { device, id, issuedAt, expiresAt, name, args, bootNonce }
    const cose = commandFormat.encode(command, this.#key.key, this.#key.kid)
    const expiresMs = expiresAt * 1000
    return { id, device, name, args, issuedMs, expiresMs, issuedBy: actor, purpose, cose, outcome: null }
  }

  #trace(
    { device, name, purpose, actor }: OrderWish,
    result: Pick<Parameters<Audit['append']>[0], 'ok' | 'detail'>,
  ): void {
    const action = `command.${isOrderName(name) ? name : 'unknown'}`
    this.#parts.audit.append({ actor, action, subject: device, purpose, ...result })
  }

  #waitingFor(device: string): readonly Order[] {
    const nowMs = this.#parts.nowMs()
    return [...this.#waiting.values()].filter(order => order.device === device && nowMs < order.expiresMs)
  }

  #giveUp(order: Order): void {
    const { book, audit, log, nowMs } = this.#parts
    const outcome: OrderOutcome = { ok: false, detail: 'restarted', timeMs: nowMs(), cose: null }
    const { id, device } = order
    try {
      book.commit(() => {
        const detail = { id, name: order.name, detail: outcome.detail }
        audit.append({ actor: 'system', action: 'command.result', subject: device, purpose: null, ok: false, detail })
        book.conclude(id, outcome)
      })
    } catch (error) {
      log.error({ event: 'store-fault', device, id, detail: describeError(error) }, 'an order could not be given up')
      return
    }
    this.concluded(order, outcome)
  }

  /** Not waited for: what does not arrive is said again at the next birth, or expires. */
  #post(known: KnownDevice, { id, cose }: Order): void {
    const { postman, log } = this.#parts
    postman.publish(deviceTopic(known, 'commands', id), cose, { qos: 1, retain: false }).catch(error => {
      log.warn({ device: known.device, id, detail: describeError(error) }, 'an order could not be sent')
    })
  }

  #tell(order: Order): void {
    const { feed, nowMs } = this.#parts
    if (feed.isWatched) feed.publish({ kind: 'command', view: orderView(order, nowMs()) })
  }
}
