import { privateKeyFromSeed, type ReportedPayload } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { openStoreForReading } from '../../src/store/store.ts'
import { orderStand } from '../fixtures/order-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const WISH = { config: { logLevel: 'debug' }, purpose: '查故障 look into a fault', actor: 'wang' }

describe('a desired state', () => {
  it('is signed, counted up by one each time, and published', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    const set = (config: object) => stand.desired.set({ ...WISH, device: door.device, config: { ...config } })
    expect(set({ logLevel: 'debug', healthSeconds: 10 })).toEqual({ ok: true, version: 1 })
    expect(set({})).toEqual({ ok: true, version: 2 })
    const issuedAt = START_MS / 1000
    expect(stand.desiredOf(door)).toEqual([
      { device: door.device, version: 1, issuedAt, config: { logLevel: 'debug', healthSeconds: 10 } },
      { device: door.device, version: 2, issuedAt, config: {} },
    ])
    expect(stand.desired.of(door.device)).toEqual({ version: 2, config: {}, setMs: START_MS, setBy: 'wang' })
    expect(stand.fleet.deviceView(door.device)?.desiredVersion).toBe(2)
  })

  it('is on disk with its trace before anybody can hear of it', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    const beside = openStoreForReading(stand.file)
    const seen: unknown[] = []
    await stand.postman.subscribe('ankang/v1/+/+/desired', async ({ payload }) => {
      const row = beside.prepare<[], { cose: Buffer }>('SELECT cose FROM desired').get()
      seen.push(row?.cose.equals(payload), beside.prepare('SELECT action FROM audit').all())
    })
    stand.desired.set({ ...WISH, device: door.device })
    beside.close()
    expect(seen).toEqual([true, [{ action: 'device.configure' }]])
    expect(stand.traces()).toEqual([
      {
        actor: 'wang',
        action: 'device.configure',
        subject: door.device,
        purpose: WISH.purpose,
        ok: true,
        detail: { version: 1, logLevel: 'debug' },
      },
    ])
  })

  it('is refused by name for every reason, with a trace, and nothing is published', async () => {
    const [door, gone] = [new SigningDevice(), new SigningDevice({ device: 'gone' })]
    const stand = await orderStand([door, gone])
    stand.revoked.add('gone')
    for (const [device, config, error] of [
      ['nobody', {}, 'device-unknown'],
      ['gone', {}, 'device-revoked'],
      [door.device, { logLevel: 'loud' }, 'config-invalid'],
      [door.device, { healthSeconds: 4 }, 'config-invalid'],
      [door.device, { policy: 'all' }, 'config-invalid'],
    ] as const) {
      expect(stand.desired.set({ ...WISH, device, config: { ...config } })).toMatchObject({ ok: false, error })
      expect(stand.traces().at(-1)).toMatchObject({ action: 'device.configure', ok: false, detail: { error } })
    }
    expect(stand.postman.sent).toEqual([])
    expect(stand.desired.versionOf(door.device)).toBe(0)
  })

  it('is said again at every birth and when the centre starts, and to no revoked device', async () => {
    const [door, gone] = [new SigningDevice(), new SigningDevice({ device: 'gone' })]
    const before = await orderStand([door, gone])
    for (const { device } of [door, gone]) before.desired.set({ ...WISH, device })
    await before.comes(door)
    expect(before.desiredOf(door).map(({ version }) => version)).toEqual([1, 1])
    before.revoked.add('gone')
    await before.comes(gone)
    expect(before.desiredOf(gone)).toHaveLength(1)
    before.close()
    const after = await orderStand([door], { file: before.file })
    expect(after.desiredOf(door).map(({ version }) => version)).toEqual([1])
    expect(after.desired.set({ ...WISH, device: door.device })).toEqual({ ok: true, version: 2 })
  })

  it('is signed anew, as the same version, when the key has been replaced', async () => {
    const door = new SigningDevice()
    const before = await orderStand([door])
    before.desired.set({ ...WISH, device: door.device })
    before.close()
    const key = privateKeyFromSeed(Buffer.alloc(32, 13))
    const after = await orderStand([door], { file: before.file, desiredKey: key })
    await after.comes(door)
    const [first, second] = after.desiredOf(door)
    expect(first).toMatchObject({ version: 1, config: { logLevel: 'debug' } })
    expect(second).toEqual(first)
    expect(after.desired.of(door.device)).toMatchObject({ setBy: 'wang' })
  })
})

describe('what a device reports of it', () => {
  const report: ReportedPayload = { version: 1, appliedMs: START_MS, config: { logLevel: 'debug' } }

  it('is shown with the error it names, and with no setting or number that is none of its business', async () => {
    const door = new SigningDevice()
    const stand = await orderStand([door])
    const says = (payload: object) =>
      stand.postman.publish('ankang/v1/hall/hall-door-1/reported', Buffer.from(JSON.stringify(payload)))
    expect(stand.fleet.deviceView(door.device)?.reported).toBeNull()
    await says(report)
    expect(stand.fleet.deviceView(door.device)?.reported).toEqual({ version: 1, error: null })
    const error = { version: 2, detail: 'healthSeconds 34152319900101123X is too much' }
    await says({ ...report, config: { logLevel: 'debug', owner: '张三', constructor: 'x' }, error })
    const shown = { version: 2, detail: 'healthSeconds … is too much' }
    expect(stand.fleet.deviceView(door.device)?.reported).toEqual({ version: 1, error: shown })
    expect(stand.fleet.reportedBy(door.device)).toEqual({ ...report, error: shown })
    await says({ ...report, version: -1 })
    expect(stand.refusals.counts()).toEqual({ malformed: 1 })
  })
})
