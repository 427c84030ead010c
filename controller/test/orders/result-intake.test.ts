import { MAX_RESULT_DETAIL_CHARS } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderStand } from '../fixtures/order-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const UNKNOWN_ID = 'ab'.repeat(16)

async function standWithOrder() {
  const door = new SigningDevice()
  const other = new SigningDevice({ device: 'other' })
  const stand = await orderStand([door, other])
  for (const device of [door, other]) await stand.comes(device)
  const id = stand.issued(door, { name: 'self-test' })
  const orders = () => stand.desk.ordersOf(door.device).map(({ state, result }) => [state, result])
  return { door, other, stand, id, orders, untouched: [['sent', null]] }
}

describe('a result', () => {
  it('is kept as it was signed, traced, and told to those who watch', async () => {
    const { door, stand, id } = await standWithOrder()
    stand.clock.nowMs += 1500
    const cose = door.result(id, { detail: '{"camera":"ok"}', timeMs: START_MS + 700 })
    await stand.answers(door, id, cose)
    const result = { ok: true, detail: '{"camera":"ok"}', timeMs: START_MS + 1500 }
    expect(stand.desk.ordersOf(door.device)).toMatchObject([{ id, state: 'done', result }])
    expect(stand.told.at(-1)).toMatchObject({ device: door.device, id, name: 'self-test', state: 'done', result })
    const row = stand.store.db.prepare<[], { result_cose: Buffer }>('SELECT result_cose FROM commands').get()
    expect(row?.result_cose.equals(cose)).toBe(true)
    expect(stand.traces().at(-1)).toEqual({
      actor: 'device:hall-door-1',
      action: 'command.result',
      subject: 'hall-door-1',
      purpose: null,
      ok: true,
      detail: { id, name: 'self-test', detail: '{"camera":"ok"}', deviceTimeMs: START_MS + 700 },
    })
    expect(stand.refusals.counts()).toEqual({})
  })

  it('that says no is a refusal in the device’s own words', async () => {
    const { door, stand, id, orders } = await standWithOrder()
    await stand.answers(door, id, door.result(id, { ok: false, detail: 'clock-untrusted' }))
    expect(orders()).toEqual([['refused', { ok: false, detail: 'clock-untrusted', timeMs: START_MS }]])
  })

  it('that comes again changes nothing: one trace, one event, no refusal', async () => {
    const { door, stand, id } = await standWithOrder()
    for (let times = 0; times < 3; times++) await stand.answers(door, id)
    expect(stand.traces().filter(({ action }) => action === 'command.result')).toHaveLength(1)
    expect(stand.told.map(({ state }) => state)).toEqual(['sent', 'done'])
    expect(stand.refusals.counts()).toEqual({})
  })

  it('that comes after its order has expired still counts', async () => {
    const { door, stand, id, orders } = await standWithOrder()
    stand.clock.nowMs += 3_600_000
    stand.desk.tick()
    expect(orders()).toEqual([['expired', null]])
    await stand.answers(door, id)
    expect(orders()).toMatchObject([['done', { ok: true }]])
  })

  it('has room for the longest detail in full, and its trace for the beginning of it', async () => {
    const { door, stand, id, orders } = await standWithOrder()
    const detail = 'x'.repeat(MAX_RESULT_DETAIL_CHARS)
    await stand.answers(door, id, door.result(id, { detail }))
    expect(orders()).toMatchObject([['done', { detail }]])
    expect(stand.traces().at(-1)?.detail).toMatchObject({ detail: 'x'.repeat(200) })
  })

  it('is not stored without its trace, and is taken when it comes again', async () => {
    const { door, stand, id, orders, untouched } = await standWithOrder()
    const append = stand.audit.append.bind(stand.audit)
    stand.audit.append = () => {
      throw new RangeError('disk full')
    }
    await stand.answers(door, id)
    expect(stand.refusals.counts()).toEqual({ fault: 1 })
    expect(orders()).toEqual(untouched)
    stand.audit.append = append
    await stand.answers(door, id)
    expect(orders()).toMatchObject([['done', { ok: true }]])
  })
})

describe('a result is not believed', () => {
  type World = Awaited<ReturnType<typeof standWithOrder>>
  const impostor = () => new SigningDevice()
  const attacks: readonly (readonly [what: string, reason: string, attack: (world: World) => Promise<void>])[] = [
    [
      'that somebody else signed',
      'not-proven',
      ({ stand, door, id }) => stand.answers(door, id, impostor().result(id)),
    ],
    [
      'of another device, on this one’s topic',
      'foreign-device',
      ({ stand, door, other, id }) => stand.answers(door, id, other.result(id)),
    ],
    [
      'of another device, for this one’s order',
      'unknown-order',
      ({ stand, other, id }) => stand.answers(other, id, other.result(id)),
    ],
    [
      'in another device’s name',
      'not-proven',
      ({ stand, door, other, id }) => stand.answers(door, id, other.result(id, { device: door.device })),
    ],
    ['for an order that was never given', 'unknown-order', ({ stand, door }) => stand.answers(door, UNKNOWN_ID)],
    [
      'moved to another order’s topic',
      'malformed',
      ({ stand, door, id }) => stand.answers(door, id, door.result(UNKNOWN_ID)),
    ],
    [
      'with more detail than there is room for',
      'malformed',
      ({ stand, door, id }) =>
        stand.answers(door, id, door.result(id, { detail: 'x'.repeat(MAX_RESULT_DETAIL_CHARS + 1) })),
    ],
    [
      'as long as a packet can be',
      'malformed',
      ({ stand, door, id }) => stand.answers(door, id, new Uint8Array(1024 * 1024).fill(0xd2)),
    ],
    ['that is a head', 'malformed', ({ stand, door, id }) => stand.answers(door, id, door.head())],
    [
      'from a device that is revoked',
      'device-revoked',
      ({ stand, door, id }) => {
        stand.revoked.add(door.device)
        return stand.answers(door, id)
      },
    ],
    [
      'from a device nobody knows',
      'unknown-device',
      ({ stand, id }) => stand.answers(new SigningDevice({ device: 'nobody' }), id),
    ],
    [
      'from another site’s topic',
      'wrong-site',
      ({ stand, door, id }) => stand.answers(Object.assign(door.twin(), { site: 'park' }), id),
    ],
  ]
  for (const [what, reason, attack] of attacks)
    it(what, async () => {
      const world = await standWithOrder()
      const traces = world.stand.traces().length
      await attack(world)
      expect(world.stand.refusals.counts()).toEqual({ [reason]: 1 })
      expect(world.orders()).toEqual(world.untouched)
      expect(world.stand.traces()).toHaveLength(traces)
      world.stand.revoked.clear()
      await world.stand.answers(world.door, world.id)
      expect(world.orders()).toMatchObject([['done', { ok: true }]])
    })

  it('that says otherwise than the first one, which stands', async () => {
    const { door, stand, id, orders } = await standWithOrder()
    await stand.answers(door, id)
    for (const change of [{ ok: false }, { detail: 'other' }, { timeMs: START_MS + 1 }])
      await stand.answers(door, id, door.result(id, change))
    expect(stand.refusals.counts()).toEqual({ contradiction: 3 })
    expect(orders()).toMatchObject([['done', { ok: true, detail: 'done' }]])
  })

  it('after any bit of it was changed', async () => {
    const { door, stand, id, orders, untouched } = await standWithOrder()
    const good = door.result(id)
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Uint8Array.from(good)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await stand.answers(door, id, bad)
    }
    expect(orders()).toEqual(untouched)
  })

  it('whatever bytes it is, and the intake never throws', async () => {
    const { door, stand, id, orders, untouched } = await standWithOrder()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), bytes => stand.answers(door, id, bytes)),
      { numRuns: 500 },
    )
    expect(orders()).toEqual(untouched)
  })
})
