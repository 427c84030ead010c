import { describe, expect, it } from 'vitest'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const HEADS = 'SELECT seq, device_time_ms FROM heads ORDER BY seq'

describe('a signed head', () => {
  it('is kept and shows how far the device is ahead', async () => {
    const door = new SigningDevice().write(5)
    const stand = await ingestStand([door])
    await stand.deliver(door, 'head', door.head())
    expect(stand.store.db.prepare(HEADS).all()).toEqual([{ seq: 5, device_time_ms: START_MS }])
    expect(stand.fleet.deviceViews()[0]?.head).toMatchObject({ seq: 5 })
  })

  it('replaces an older one of the same place and stands beside those of others', async () => {
    const door = new SigningDevice().write(5)
    const stand = await ingestStand([door])
    for (const [seq, timeMs] of [
      [3, 10],
      [5, 20],
      [5, 30],
      [5, 15],
    ] as const)
      await stand.deliver(door, 'head', door.head(seq, timeMs))
    expect(stand.store.db.prepare(HEADS).all()).toEqual([
      { seq: 3, device_time_ms: 10 },
      { seq: 5, device_time_ms: 30 },
    ])
  })

  it('that contradicts the stored chain raises an alarm and is kept', async () => {
    const door = new SigningDevice().write(2)
    const other = door.twin().write(1, () => ({ outcome: 'deny', reason: 'expired' }))
    door.write(1)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    await stand.deliver(other, 'head', other.head())
    expect(stand.fleet.deviceViews()[0]?.lastAlarm?.kind).toBe('ledger')
    expect(stand.store.db.prepare(HEADS).all()).toHaveLength(1)
  })

  it('that its device did not sign is refused', async () => {
    const door = new SigningDevice().write(1)
    const impostor = new SigningDevice().write(1)
    const stand = await ingestStand([door])
    await stand.deliver(door, 'head', impostor.head())
    await stand.deliver(door, 'head', Buffer.from([0xd2]))
    const foreign = new SigningDevice({ device: 'hall-door-2' })
    await stand.deliver(door, 'head', foreign.head())
    expect(stand.refusals.counts()).toEqual({ 'not-proven': 1, malformed: 1, 'foreign-device': 1 })
    expect(stand.store.db.prepare(HEADS).all()).toEqual([])
  })
})
