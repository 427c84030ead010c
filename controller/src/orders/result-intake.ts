import { channelFilter, describeError, type OrderResult, parseDeviceTopic, resultFormat } from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import type { Letter, Postman } from '../broker/postman.ts'
import type { DeviceStanding } from '../fleet/device-standing.ts'
import type { DeviceDirectory } from '../ingest/device-directory.ts'
import { claimedSender } from '../ingest/sender.ts'
import type { Log } from '../log.ts'
import { type Refusal, type Refusals, refuse } from '../refusals.ts'
import type { Order, OrderOutcome } from './order.ts'
import type { OrderBook } from './order-book.ts'

/** The audit log says what came of it in short; the whole stands with the order. */
const TRACED_CHARS = 200

interface ResultIntakeParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly standing: Pick<DeviceStanding, 'isRevoked'>
  readonly book: OrderBook
  /** On the book's own connection. */
  readonly audit: Audit
  readonly refusals: Refusals
  readonly listener: { concluded(order: Order, outcome: OrderOutcome): void }
  readonly log: Log
  readonly nowMs: () => number
}

/** Keeps what devices say, signed, of the orders they were given: once each, whenever it comes. */
export async function startResultIntake(parts: ResultIntakeParts): Promise<void> {
  await parts.postman.subscribe(
    channelFilter('results'),
    parts.refusals.noting(letter => takeResult(parts, letter)),
  )
}

function prove({ directory, standing }: ResultIntakeParts, { topic, payload }: Letter): OrderResult | Refusal {
  const sender = claimedSender(directory, topic)
  if (!sender.ok) return sender
  const { known } = sender
  if (standing.isRevoked(known.device)) return refuse('device-revoked', 'a result of a device that is revoked')
  const result = resultFormat.decode(payload)
  if (!result.ok) return refuse('malformed', result.detail)
  const { content } = result.value
  if (content.device !== known.device) return refuse('foreign-device', `a result of ${content.device.slice(0, 40)}`)
  if (content.id !== parseDeviceTopic(topic)?.orderId)
    return refuse('malformed', `a result of order ${content.id} on another order's topic`)
  return resultFormat.verify(result.value, known.key)
    ? content
    : refuse('not-proven', 'signature of the result does not verify with the device key')
}

function isRepeated(before: Uint8Array, { timeMs, ok, detail }: OrderResult): boolean {
  const kept = resultFormat.decode(before)
  if (!kept.ok) return false
  const { content } = kept.value
  return content.timeMs === timeMs && content.ok === ok && content.detail === detail
}

function takeResult(parts: ResultIntakeParts, letter: Letter): Refusal | null {
  const result = prove(parts, letter)
  if ('reason' in result) return result
  const { book, audit, listener, log, nowMs } = parts
  const { device, id, ok } = result
  try {
    const order = book.find(id)
    if (order === null || order.device !== device)
      return refuse('unknown-order', `no order ${id} was given to ${device}`)
    const before = order.outcome?.cose ?? null
    if (before !== null)
      return isRepeated(before, result)
        ? null
        : refuse('contradiction', `another result of order ${id}; the first one stands`)
    const outcome: OrderOutcome = { ok, detail: result.detail, timeMs: nowMs(), cose: letter.payload }
    book.commit(() => {
      const short = result.detail.slice(0, TRACED_CHARS)
      const detail = { id, name: order.name, detail: short, deviceTimeMs: result.timeMs }
      audit.append({ actor: `device:${device}`, action: 'command.result', subject: device, purpose: null, ok, detail })
      book.conclude(id, outcome)
    })
    listener.concluded(order, outcome)
    return null
  } catch (error) {
    log.error({ event: 'store-fault', device, detail: describeError(error) }, 'a result could not be stored')
    return refuse('fault', 'the store did not take the result')
  }
}
