import { ORDER_KINDS, type OrderName } from '@ankang/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { Route } from '../../src/api/route.ts'
import { orderRoutes, orderSchema } from '../../src/orders/order-routes.ts'
import { may, type Principal, ROLES, type Role } from '../../src/people/principal.ts'
import { orderStand } from '../fixtures/order-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

interface Asking {
  readonly role?: Role
  readonly device?: string
  readonly body?: object
  readonly query?: object
}

/** As the server does: what the schemas refuse never reaches the handler. */
async function ask(route: Route, { role = 'operator', device = 'hall-door-1', body = {}, query = {} }: Asking) {
  const principal: Principal = { actor: 'li', role }
  const parsed = v.safeParse(route.body ?? v.any(), body)
  const place = v.safeParse(route.params ?? v.any(), { device })
  const asked = v.safeParse(route.query ?? v.any(), query)
  if (!parsed.success || !place.success || !asked.success) return { ok: false, error: 'schema' }
  const answer = await route.handle({
    principal,
    body: parsed.output,
    params: place.output,
    query: asked.output,
    remoteAddress: '127.0.0.1',
  })
  if (answer.ok) v.parse(route.answer, answer.json)
  return answer
}

async function standWithRoutes() {
  const door = new SigningDevice()
  const stand = await orderStand([door])
  await stand.comes(door)
  const { desk, desired, audit } = stand
  const [configure, order, list] = orderRoutes({ desk, desired, audit })
  if (configure === undefined || order === undefined || list === undefined)
    throw new RangeError('expected three routes')
  return { door, stand, configure, order, list }
}

const ARGS: Partial<Record<OrderName, object>> = { 'set-log-level': { level: 'warn' } }

describe('the route of orders', () => {
  it('lets each role give the orders its permissions name, and traces who tried another', async () => {
    const { door, stand, order } = await standWithRoutes()
    for (const role of ROLES)
      for (const name of Object.keys(ORDER_KINDS) as OrderName[]) {
        const isDoor = name === 'open-once' || name === 'lockdown' || name === 'release'
        const isAllowed = may({ actor: 'li', role }, isDoor ? 'command:door' : 'command:maintain')
        const before = stand.heardBy(door).length
        const answer = await ask(order, { role, body: { name, args: ARGS[name] ?? {}, purpose: '演练 drill' } })
        expect(answer, `${role}: ${name}`).toMatchObject(isAllowed ? { ok: true } : { status: 403, error: 'forbidden' })
        expect(stand.heardBy(door).length - before).toBe(isAllowed ? 1 : 0)
        expect(stand.traces().at(-1)).toMatchObject({ action: `command.${name}`, actor: 'li', ok: isAllowed })
        const { id } = stand.heardBy(door).at(-1) ?? { id: '' }
        if (isAllowed) await stand.answers(door, id)
      }
    expect(ROLES.filter(role => may({ actor: '', role }, 'command:door'))).toEqual(['operator'])
  })

  it('answers with the order’s id and end, and lists it with what came of it', async () => {
    const { door, stand, order, list } = await standWithRoutes()
    const answer = await ask(order, { body: { name: 'open-once', args: { seconds: 2 }, purpose: '访客 visitor' } })
    expect(answer).toEqual({ ok: true, json: { id: expect.any(String), expiresMs: START_MS + 30_000 } })
    const { id } = stand.heardBy(door)[0] ?? expect.fail('nothing was published')
    const given = {
      device: 'hall-door-1',
      id,
      name: 'open-once',
      args: { seconds: 2 },
      issuedMs: START_MS,
      expiresMs: START_MS + 30_000,
      issuedBy: 'li',
      purpose: '访客 visitor',
    }
    expect(await ask(list, {})).toEqual({ ok: true, json: { commands: [{ ...given, state: 'sent', result: null }] } })
    await stand.answers(door, id)
    const done = { ...given, state: 'done', result: { ok: true, detail: 'done', timeMs: START_MS } }
    expect(await ask(list, {})).toEqual({ ok: true, json: { commands: [done] } })
    expect(stand.told.at(-1)).toEqual(done)
    expect(v.parse(v.strictObject(orderSchema.entries), stand.told.at(-1))).toEqual(done)
  })

  it('lists the newest first, as many as asked for', async () => {
    const { door, stand, list } = await standWithRoutes()
    const ids: string[] = []
    for (let count = 0; count < 3; count++) {
      ids.unshift(stand.issued(door))
      stand.clock.nowMs += 1
    }
    const listed = async (query: object) => {
      const answer = await ask(list, { query })
      return v.parse(v.object({ json: v.object({ commands: v.array(orderSchema) }) }), answer).json.commands
    }
    expect((await listed({})).map(({ id }) => id)).toEqual(ids)
    expect((await listed({ limit: '2' })).map(({ id }) => id)).toEqual(ids.slice(0, 2))
    for (const limit of ['0', '-1', '201', '1e2', 'all'])
      expect(await ask(list, { query: { limit } })).toMatchObject({ error: 'schema' })
  })

  it('says why nothing was sent', async () => {
    const { stand, order } = await standWithRoutes()
    const body = { name: 'lockdown', purpose: '演练 drill' }
    expect(await ask(order, { device: 'nobody', body })).toMatchObject({ status: 404, error: 'device-unknown' })
    expect(await ask(order, { body: { ...body, args: { x: 1 } } })).toMatchObject({
      status: 400,
      error: 'args-invalid',
    })
    for (let count = 0; count < 8; count++) expect(await ask(order, { body })).toMatchObject({ ok: true })
    expect(await ask(order, { body })).toMatchObject({ status: 429, error: 'too-many' })
    stand.away.add('hall-door-1')
    expect(await ask(order, { body })).toMatchObject({ status: 409, error: 'device-away' })
    stand.revoked.add('hall-door-1')
    expect(await ask(order, { body })).toMatchObject({ status: 409, error: 'device-revoked' })
  })

  it('wants a purpose, a known order and an id that can be one', async () => {
    const { door, stand, order, configure } = await standWithRoutes()
    const good = { name: 'lockdown', args: {}, purpose: '演练四人' }
    const bad = [
      { purpose: '演练人' },
      { purpose: ' 演练 ' },
      { purpose: 'x'.repeat(201) },
      { purpose: '演练\u001b[2J四人' },
      { purpose: '演练\u202e四人' },
      { purpose: undefined },
      { name: 'constructor' },
      { name: 'explode' },
      { args: { seconds: null } },
      { seconds: 300 },
    ]
    for (const change of bad)
      expect(await ask(order, { body: { ...good, ...change } })).toMatchObject({ error: 'schema' })
    for (const device of ['', '+', 'a/b', 'A', 'x'.repeat(41)])
      expect(await ask(order, { device, body: good })).toMatchObject({ error: 'schema' })
    expect(await ask(configure, { body: { config: {}, purpose: '1' } })).toMatchObject({ error: 'schema' })
    expect(stand.heardBy(door)).toEqual([])
    expect(await ask(order, { body: good })).toMatchObject({ ok: true })
  })
})

describe('the route of desired states', () => {
  it('sets one and answers with its version', async () => {
    const { door, stand, configure } = await standWithRoutes()
    const body = { config: { logLevel: 'warn' }, purpose: '日志太多 too much log' }
    expect(await ask(configure, { role: 'technician', body })).toEqual({ ok: true, json: { version: 1 } })
    expect(stand.desiredOf(door)).toMatchObject([{ version: 1, config: { logLevel: 'warn' } }])
    expect(await ask(configure, { device: 'nobody', body })).toMatchObject({ status: 404, error: 'device-unknown' })
    expect(await ask(configure, { body: { ...body, config: { logLevel: 'loud' } } })).toMatchObject({ error: 'schema' })
    expect(configure.access).toEqual(['device:configure'])
  })
})
