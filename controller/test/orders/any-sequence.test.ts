import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderStand } from '../fixtures/order-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

/** What may happen, in any order; `order` is the how-manieth of those given so far. */
const event = fc.oneof(
  fc.constant({ kind: 'issue' } as const),
  fc.constant({ kind: 'birth' } as const),
  fc.constant({ kind: 'reboot' } as const),
  fc.constant({ kind: 'restart-of-centre' } as const),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant('result' as const), order: fc.nat(9), ok: fc.boolean() }),
  fc.record({ kind: fc.constant('forgery' as const), order: fc.nat(9) }),
)

/** One order as it must stand by the rules alone. */
interface Expected {
  readonly id: string
  readonly run: string
  readonly expiresMs: number
  result: { ok: boolean; signed: boolean } | null
  /** How many times it was published. */
  sent: number
}

function stateOf({ result, expiresMs }: Expected, nowMs: number): string {
  if (result !== null) return result.ok ? 'done' : 'refused'
  return nowMs < expiresMs ? 'sent' : 'expired'
}

it('keeps every order in the state its device’s signed word and the time give it, whatever happens', async () => {
  const seed = Buffer.alloc(32, 1)
  const impostor = new SigningDevice()
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40 }), async events => {
      const door = new SigningDevice({ seed }).reboot()
      let stand = await orderStand([door])
      const orders: Expected[] = []
      /** The run this centre has heard of. */
      let heardRun: string | null = null
      const published = new Map<string, number>()
      const countPublished = () => {
        for (const { id } of stand.heardBy(door)) published.set(id, (published.get(id) ?? 0) + 1)
      }
      const comes = async () => {
        await stand.comes(door)
        heardRun = door.bootNonce
        for (const order of orders) {
          if (order.result !== null || stand.clock.nowMs >= order.expiresMs) continue
          if (order.run === door.bootNonce) order.sent++
          else order.result = { ok: false, signed: false }
        }
      }
      for (const happened of events) {
        const { nowMs } = stand.clock
        if (happened.kind === 'issue') {
          const waiting = orders.filter(order => stateOf(order, nowMs) === 'sent').length
          const issued = stand.issue(door)
          if (heardRun === null) expect(issued).toMatchObject({ ok: false, error: 'device-away' })
          else if (waiting >= 8) expect(issued).toMatchObject({ ok: false, error: 'too-many' })
          else if (issued.ok) orders.push({ ...issued, run: heardRun, result: null, sent: 1 })
          else expect.fail(issued.error)
        } else if (happened.kind === 'birth') await comes()
        else if (happened.kind === 'reboot') {
          door.reboot()
          await comes()
        } else if (happened.kind === 'pass') {
          stand.clock.nowMs += happened.seconds * 1000
          stand.desk.tick()
        } else if (happened.kind === 'restart-of-centre') {
          countPublished()
          stand.close()
          stand = await orderStand([door], { file: stand.file, startMs: nowMs })
          heardRun = null
        } else {
          const order = orders[happened.order]
          if (order === undefined) continue
          if (happened.kind === 'forgery') await stand.answers(door, order.id, impostor.result(order.id))
          else {
            await stand.answers(door, order.id, door.result(order.id, { ok: happened.ok }))
            if (order.result?.signed !== true) order.result = { ok: happened.ok, signed: true }
          }
        }
        const states = new Map(stand.desk.ordersOf(door.device).map(({ id, state }) => [id, state]))
        for (const order of orders) expect(states.get(order.id)).toBe(stateOf(order, stand.clock.nowMs))
        expect(states.size).toBe(orders.length)
      }
      countPublished()
      for (const { id, sent } of orders) expect(published.get(id)).toBe(sent)
      expect(stand.clock.nowMs).toBeGreaterThanOrEqual(START_MS)
      stand.close()
    }),
    { numRuns: 60 },
  )
})
