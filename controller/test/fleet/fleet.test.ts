import { deviceTopic } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { LiveEvent } from '../../src/fleet/live-feed.ts'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { orderStand } from '../fixtures/order-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const HEALTH = {
  timeMs: START_MS,
  backlog: 4,
  oldestUnsentMs: null,
  clock: 'synced',
  bundleAgeSeconds: null,
  counters: { admitted: 0, denied: 0, referred: 0, readerFaults: 0, actionsFailed: 0 },
  residentBytes: 1,
}

describe('the fleet', () => {
  it('takes the backlog from whoever spoke last: the device’s health, or the newest seq in a batch', async () => {
    const door = new SigningDevice().write(10)
    const stand = await ingestStand([door])
    await stand.deliver(door, 'health', json(HEALTH))
    expect(stand.fleet.deviceViews()[0]?.backlog).toBe(4)
    await stand.send(door, door.batch(1, 3))
    expect(stand.fleet.deviceViews()[0]).toMatchObject({ backlog: 7, storedThrough: 3, head: { seq: 10 } })
    await stand.send(door, door.batch(4, 10))
    expect(stand.fleet.deviceViews()[0]?.backlog).toBe(0)
  })

  it('refuses what a device says of itself in another form, and keeps what it knew', async () => {
    const door = new SigningDevice()
    const stand = await ingestStand([door])
    await stand.deliver(door, 'state', json({ state: 'ready' }))
    for (const payload of [json({ state: 'dancing' }), Buffer.from('{'), Buffer.alloc(20_000, 0x20)])
      await stand.deliver(door, 'state', payload)
    await stand.deliver(door, 'state', new Uint8Array(0))
    expect(stand.fleet.deviceViews()[0]?.state).toBe('ready')
    expect(stand.refusals.counts()).toEqual({ malformed: 3 })
  })

  it('passes on no scene it does not know, and no long number in an alarm', async () => {
    const door = new SigningDevice()
    const stand = await ingestStand([door])
    await stand.deliver(door, 'state', json({ state: 'ready', scene: '张三' }))
    await stand.deliver(
      door,
      'alarms',
      json({ timeMs: 1, kind: 'door', detail: 'held by 34152319900101123X for 12 s' }),
    )
    expect(stand.fleet.deviceViews()[0]).toMatchObject({
      scene: 'unknown',
      lastAlarm: { detail: 'held by … for 12 s' },
    })
  })

  it('remembers a fork over a restart', async () => {
    const door = new SigningDevice().write(1)
    const other = door.twin().write(1, () => ({ outcome: 'deny', reason: 'expired' }))
    door.write(1)
    const before = await ingestStand([door])
    await before.send(door, door.batch(1, 2))
    await before.send(other, other.batch(1, 2))
    before.close()
    const after = await ingestStand([door], { file: before.file })
    expect(after.fleet.deviceViews()[0]?.lastAlarm).toMatchObject({
      kind: 'ledger',
      detail: expect.stringContaining('record 2'),
    })
  })

  it('raises an alarm for what a revoked device is not trusted for, at once, and remembers it over a restart', async () => {
    const door = new SigningDevice().write(40)
    const before = await ingestStand([door])
    await before.send(door, door.batch(1, 10))
    await before.deliver(door, 'head', door.head(30))
    before.registry.commit(() => before.registry.revoke(door.device, 'stolen'))
    const alarms: unknown[] = []
    before.feed.watch(event => event.kind === 'device' && alarms.push(event.view.lastAlarm))
    await before.send(door, door.batch(11, 20))
    expect(alarms).toEqual([null])
    await before.send(door, door.batch(21, 40))
    const alarm = { kind: 'identity', detail: expect.stringContaining('revoked; records 31…40 are kept apart') }
    expect(alarms.at(-1)).toMatchObject(alarm)
    before.close()
    const after = await ingestStand([door], { file: before.file })
    expect(after.fleet.deviceView(door.device)?.lastAlarm).toMatchObject(alarm)
  })

  it('shows the newest of a long catch-up and counts all of it', async () => {
    const door = new SigningDevice().write(200)
    const stand = await ingestStand([door])
    const events: LiveEvent[] = []
    stand.feed.watch(event => events.push(event))
    await stand.send(door, door.batch(1, 200))
    const seqs = events.flatMap(event => (event.kind === 'showing' ? [event.view.seq] : []))
    expect(seqs.at(-1)).toBe(200)
    expect(seqs.length).toBeLessThanOrEqual(20)
    expect(events.at(-1)).toMatchObject({ kind: 'device', view: { showingsStored: 200, lastShowing: { seq: 200 } } })
  })

  it('knows what runs on a device, since when, and whether it is locked down, once it has said so', async () => {
    const door = new SigningDevice().reboot()
    const stand = await orderStand([door])
    const view = () => stand.fleet.deviceView(door.device)
    const unknown = { bootedMs: null, firmware: null, hardware: null, lockdown: null, reported: null }
    expect(view()).toMatchObject({ ...unknown, connected: true, revoked: false, quarantined: 0, desiredVersion: 0 })
    await stand.comes(door)
    const running = { bootedMs: START_MS, firmware: '0.1.0', hardware: 'virtual' }
    expect(view()).toMatchObject({ ...running, lockdown: null })
    stand.clock.nowMs += 5000
    await stand.comes(door)
    expect(view()).toMatchObject(running)
    await stand.comes(door.reboot())
    expect(view()).toMatchObject({ ...running, bootedMs: START_MS + 5000 })
    const says = (channel: 'health' | 'state', payload: object) =>
      stand.postman.publish(deviceTopic(door, channel), json(payload))
    await says('health', { ...HEALTH, lockdown: true })
    expect(view()?.lockdown).toBe(true)
    await says('health', HEALTH)
    expect(view()?.lockdown).toBe(true)
    await says('state', { state: 'ready', lockdown: false })
    expect(view()?.lockdown).toBe(false)
    expect(view()).not.toHaveProperty('bootNonce')
  })

  it('says what broker and registry know of a device now', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    stand.away.add(door.device)
    stand.revoked.add(door.device)
    expect(stand.fleet.deviceView(door.device)).toMatchObject({ connected: false, revoked: true })
    expect(stand.fleet.deviceView('nobody')).toBeNull()
  })

  it('passes on no long number in the name of a firmware', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    const birth = { ...JSON.parse(Buffer.from(door.birth()).toString()), firmware: `13912345678 ${'x'.repeat(100)}` }
    await stand.postman.publish(deviceTopic(door, 'birth'), json(birth))
    expect(stand.fleet.deviceView(door.device)?.firmware).toBe(`… ${'x'.repeat(48)}`)
  })
})
