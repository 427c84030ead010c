import { commandFormat, exportEd25519, keyId, MAX_COMMAND_SECONDS, ORDER_KINDS, toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { openStoreForReading } from '../../src/store/store.ts'
import { commandKey, orderStand } from '../fixtures/order-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const START_SECONDS = START_MS / 1000

describe('an order', () => {
  it('is signed for one device, one run and half a minute, and published under its own id', async () => {
    const door = new SigningDevice().reboot()
    const stand = await orderStand([door])
    await stand.comes(door)
    const issued = stand.issue(door, { name: 'open-once', args: { seconds: 5 } })
    expect(issued).toEqual({ ok: true, id: expect.stringMatching(/^[0-9a-f]{32}$/), expiresMs: START_MS + 30_000 })
    const [command, ...more] = stand.heardBy(door)
    expect(more).toEqual([])
    expect({ ...command, bootNonce: toHex(command?.bootNonce ?? new Uint8Array(0)) }).toEqual({
      device: door.device,
      id: issued.ok && issued.id,
      issuedAt: START_SECONDS,
      expiresAt: START_SECONDS + 30,
      name: 'open-once',
      args: { seconds: 5 },
      bootNonce: door.bootNonce,
    })
    const { topic, payload } = stand.postman.sent.at(-1) ?? expect.fail('nothing was published')
    expect(topic).toBe(`ankang/v1/hall/hall-door-1/commands/${issued.ok && issued.id}`)
    const decoded = commandFormat.decode(payload)
    expect(decoded.ok && toHex(decoded.value.message.kid ?? payload)).toBe(toHex(keyId(exportEd25519(commandKey))))
  })

  it('is on disk with its trace before anybody can hear of it', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    const beside = openStoreForReading(stand.file)
    const seen: unknown[] = []
    await stand.postman.subscribe('ankang/v1/+/+/commands/+', async ({ topic, payload }) => {
      const rows = beside.prepare<[], { id: string; cose: Buffer }>('SELECT id, cose FROM commands').all()
      seen.push(rows.map(({ id, cose }) => [topic.endsWith(id), cose.equals(payload)]))
      seen.push(beside.prepare('SELECT action FROM audit').all())
    })
    const id = stand.issued(door)
    beside.close()
    expect(seen).toEqual([[[true, true]], [{ action: 'command.lockdown' }]])
    expect(stand.traces()).toEqual([
      {
        actor: 'li',
        action: 'command.lockdown',
        subject: 'hall-door-1',
        purpose: '演练 drill',
        ok: true,
        detail: { id },
      },
    ])
  })

  it('is neither published nor traced when it cannot be stored, and waits for nobody', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    stand.store.db.exec('DROP TABLE commands')
    expect(() => stand.issue(door)).toThrow()
    expect(stand.heardBy(door)).toEqual([])
    expect(stand.traces()).toEqual([])
    await stand.comes(door)
    expect(stand.heardBy(door)).toEqual([])
  })

  it('is refused by name for every reason, and each refusal of a wish leaves a trace', async () => {
    const [door, gone, away] = ['hall-door-1', 'gone', 'away'].map(device => new SigningDevice({ device }))
    if (door === undefined || gone === undefined || away === undefined) throw new RangeError('expected three devices')
    const stand = await orderStand([door, gone, away])
    for (const device of [door, gone, away]) await stand.comes(device)
    stand.revoked.add('gone')
    stand.away.add('away')
    const refusals = [
      ['device-unknown', stand.issue(new SigningDevice({ device: 'nobody' }))],
      ['device-revoked', stand.issue(gone)],
      ['device-away', stand.issue(away)],
      ['order-unknown', stand.issue(door, { name: 'explode' })],
      ['order-unknown', stand.issue(door, { name: 'constructor' })],
      ['args-invalid', stand.issue(door, { name: 'open-once', args: { seconds: 31 } })],
      ['args-invalid', stand.issue(door, { name: 'open-once', args: { seconds: 3, door: 'all' } })],
      ['args-invalid', stand.issue(door, { name: 'lockdown', args: { seconds: 1 } })],
      ['args-invalid', stand.issue(door, { name: 'set-log-level' })],
    ] as const
    for (const [error, issued] of refusals) expect(issued).toMatchObject({ ok: false, error })
    expect(stand.traces().map(({ ok, detail }) => [ok, detail])).toEqual(refusals.map(([error]) => [false, { error }]))
    expect(stand.traces().filter(({ action }) => action === 'command.unknown')).toHaveLength(2)
    for (const device of [door, gone, away]) expect(stand.heardBy(device)).toEqual([])
  })

  it('waits for a birth: without one there is no run to give it to', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    expect(stand.issue(door)).toMatchObject({ ok: false, error: 'device-away' })
    await stand.comes(door)
    expect(stand.issue(door)).toMatchObject({ ok: true })
  })

  it('fills in what its arguments leave out', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    stand.issued(door, { name: 'open-once' })
    expect(stand.heardBy(door)[0]?.args).toEqual({ seconds: 3 })
  })

  it('lives at most five minutes', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    stand.issued(door, { seconds: MAX_COMMAND_SECONDS })
    for (const seconds of [0, -1, 1.5, MAX_COMMAND_SECONDS + 1, Number.NaN])
      expect(() => stand.issue(door, { seconds })).toThrow(expect.objectContaining({ code: 'order-seconds-invalid' }))
    expect(stand.heardBy(door)).toHaveLength(1)
  })

  it('is one of a bounded number that wait for one device; others are not held up', async () => {
    const [door, other] = [new SigningDevice(), new SigningDevice({ device: 'other' })]
    const stand = await orderStand([door, other])
    for (const device of [door, other]) await stand.comes(device)
    const ids = Array.from({ length: 8 }, () => stand.issued(door))
    expect(stand.issue(door)).toMatchObject({ ok: false, error: 'too-many' })
    stand.issued(other)
    await stand.answers(door, ids[0] ?? '')
    stand.issued(door)
    expect(stand.issue(door)).toMatchObject({ ok: false, error: 'too-many' })
    stand.clock.nowMs += 30_000
    stand.issued(door)
  })

  it('of maintenance leaves places for a lockdown, which maintenance cannot fill', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    const selfTest = { name: 'self-test' }
    const ids = Array.from({ length: 5 }, () => stand.issued(door, selfTest))
    for (const name of ['self-test', 'restart', 'send-diagnostics'])
      expect(stand.issue(door, { name })).toMatchObject({
        ok: false,
        error: 'too-many',
        detail: expect.stringMatching(/5 maintenance/),
      })
    stand.issued(door, { name: 'lockdown' })
    await stand.answers(door, ids[0] ?? '')
    stand.issued(door, selfTest)
    for (const name of ['release', 'open-once']) stand.issued(door, { name })
    expect(stand.issue(door)).toMatchObject({ ok: false, error: 'too-many' })
  })

  it('exists in every kind the page offers', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    for (const name of Object.keys(ORDER_KINDS))
      await stand.answers(door, stand.issued(door, { name, args: name === 'set-log-level' ? { level: 'debug' } : {} }))
    expect(stand.desk.ordersOf(door.device).map(({ state }) => state)).toEqual(
      Object.keys(ORDER_KINDS).map(() => 'done'),
    )
    expect(
      stand
        .traces()
        .filter(({ actor }) => actor === 'li')
        .map(({ action }) => action),
    ).toEqual(Object.keys(ORDER_KINDS).map(name => `command.${name}`))
  })
})

describe('an order whose device was away for a moment', () => {
  it('is said again when the same run comes back, byte for byte, until it is answered', async () => {
    const door = new SigningDevice().reboot()
    const stand = await orderStand([door])
    await stand.comes(door)
    const id = stand.issued(door)
    await stand.comes(door)
    const sent = stand.postman.sent.filter(({ topic }) => topic.endsWith(id)).map(({ payload }) => toHex(payload))
    expect(sent).toHaveLength(2)
    expect(new Set(sent).size).toBe(1)
    await stand.answers(door, id)
    await stand.comes(door)
    expect(stand.heardBy(door)).toHaveLength(2)
  })

  it('is given up when another run comes, and says so', async () => {
    const door = new SigningDevice().reboot()
    const stand = await orderStand([door])
    await stand.comes(door)
    const id = stand.issued(door)
    stand.clock.nowMs += 2000
    await stand.comes(door.reboot())
    expect(stand.heardBy(door)).toHaveLength(1)
    const result = { ok: false, detail: 'restarted', timeMs: START_MS + 2000 }
    expect(stand.desk.ordersOf(door.device)).toMatchObject([{ id, state: 'refused', result }])
    expect(stand.told.at(-1)).toMatchObject({ id, state: 'refused', result })
    expect(stand.traces().at(-1)).toMatchObject({ actor: 'system', action: 'command.result', ok: false })
  })

  it('counts as done all the same when the device’s signed word of it comes late', async () => {
    const door = new SigningDevice().reboot()
    const stand = await orderStand([door])
    await stand.comes(door)
    const id = stand.issued(door, { name: 'restart' })
    await stand.comes(door.reboot())
    await stand.answers(door, id)
    expect(stand.desk.ordersOf(door.device)).toMatchObject([
      { id, state: 'done', result: { ok: true, detail: 'done' } },
    ])
    expect(stand.told.at(-1)).toMatchObject({ id, state: 'done' })
  })

  it('is given up at the next birth where the store cannot take it now, and the device is none the worse', async () => {
    const door = new SigningDevice().reboot()
    const stand = await orderStand([door])
    await stand.comes(door)
    stand.issued(door)
    stand.store.db.pragma('query_only = ON')
    await stand.comes(door.reboot())
    expect(stand.log.lines.at(-1)).toMatchObject({ level: 'error', fields: { event: 'store-fault' } })
    expect(stand.desk.ordersOf(door.device)).toMatchObject([{ state: 'sent' }])
    stand.store.db.pragma('query_only = OFF')
    await stand.comes(door)
    expect(stand.desk.ordersOf(door.device)).toMatchObject([{ state: 'refused' }])
  })

  it('is not said again once it has expired', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    stand.issued(door)
    stand.clock.nowMs += 30_000
    await stand.comes(door)
    expect(stand.heardBy(door)).toHaveLength(1)
  })
})

describe('an order nobody answers', () => {
  it('has expired to the second, and those who watch are told once', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    await stand.comes(door)
    const id = stand.issued(door)
    stand.clock.nowMs += 29_999
    stand.desk.tick()
    expect(stand.desk.ordersOf(door.device)).toMatchObject([{ state: 'sent', result: null }])
    stand.clock.nowMs += 1
    expect(stand.desk.ordersOf(door.device)).toMatchObject([{ state: 'expired', result: null }])
    stand.desk.tick()
    stand.desk.tick()
    expect(stand.told.map(view => [view.id, view.state])).toEqual([
      [id, 'sent'],
      [id, 'expired'],
    ])
  })
})

describe('a centre that starts anew', () => {
  it('still waits for what had not expired: it is said again to the run it is for, and its result is taken', async () => {
    const door = new SigningDevice().reboot()
    const before = await orderStand([door])
    await before.comes(door)
    const [first, second] = [before.issued(door), before.issued(door)]
    before.close()
    const after = await orderStand([door], { file: before.file })
    await after.answers(door, first)
    await after.comes(door)
    expect(after.heardBy(door).map(({ id }) => id)).toEqual([second])
    await after.answers(door, second)
    expect(after.desk.ordersOf(door.device).map(({ state }) => state)).toEqual(['done', 'done'])
  })

  it('tells of an order that expires under its eyes, and not of one that had', async () => {
    const door = new SigningDevice()
    const before = await orderStand([door])
    await before.comes(door)
    before.issued(door, { seconds: 1 })
    before.clock.nowMs += 1000
    const later = before.issued(door)
    before.close()
    const after = await orderStand([door], { file: before.file, startMs: START_MS + 2000 })
    after.desk.tick()
    expect(after.told).toEqual([])
    after.clock.nowMs = START_MS + 40_000
    after.desk.tick()
    expect(after.told.map(({ id, state }) => [id, state])).toEqual([[later, 'expired']])
  })
})
