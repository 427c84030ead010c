import { describe, expect, it } from 'vitest'
import { SqliteAudit } from '../../src/audit/sqlite-audit.ts'
import { StoreFigures } from '../../src/store/store-figures.ts'
import { TimedLedger } from '../../src/store/timed-ledger.ts'
import { anEntry } from '../fixtures/audit-stand.ts'
import { paperCertificate } from '../fixtures/enrolled-devices.ts'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const DAY_MS = 86_400_000

describe('figures of the store', () => {
  it('count batches and entries of the audit log, and measure its size', async () => {
    const door = new SigningDevice().write(3)
    const stand = await ingestStand([door])
    const figures = new StoreFigures(stand.store.db)
    expect([figures.batches(), figures.auditEntries()]).toEqual([0, 0])
    await stand.send(door, door.batch(1, 2))
    await stand.send(door, door.batch(3, 3))
    new SqliteAudit(stand.store.db, () => START_MS).append(anEntry())
    expect([figures.batches(), figures.auditEntries()]).toEqual([2, 1])
    expect(figures.bytes()).toBeGreaterThan(4096 * 10)
  })

  it('count devices whose last certificate runs out, those renewed or revoked not among them', async () => {
    const devices = ['a', 'b', 'c'].map((device, at) => new SigningDevice({ device, seed: Buffer.alloc(32, at + 1) }))
    const { registry, store } = await ingestStand(devices)
    const figures = new StoreFigures(store.db)
    const expiring = (days: number) => figures.certificatesExpiringBy(START_MS + days * DAY_MS)
    expect([expiring(89), expiring(91)]).toEqual([0, 3])
    registry.commit(() => registry.certify('a', paperCertificate(START_MS + 200 * DAY_MS)))
    expect(expiring(91)).toBe(2)
    registry.commit(() => registry.revoke('b', '失窃 stolen'))
    expect([expiring(91), expiring(201)]).toEqual([1, 2])
  })
})

describe('a timed ledger', () => {
  it('tells how long each commit took, and stores as the ledger beneath it', async () => {
    const door = new SigningDevice().write(4)
    const seconds: number[] = []
    const stand = await ingestStand([door], {
      wrapLedger: ledger => new TimedLedger(ledger, took => seconds.push(took)),
    })
    const receipt = await stand.send(door, door.batch(1, 2))
    expect(receipt.storedThrough).toBe(2)
    await stand.send(door, door.batch(3, 4))
    expect(stand.stored(door)).toHaveLength(4)
    expect(seconds).toHaveLength(2)
    for (const took of seconds) expect(took).toBeGreaterThan(0)
  })

  it('tells of no commit that failed', async () => {
    const { ledger } = await ingestStand([])
    const seconds: number[] = []
    const timed = new TimedLedger(ledger, took => seconds.push(took))
    expect(() =>
      timed.commit(() => {
        throw new RangeError('no disk')
      }),
    ).toThrow('no disk')
    expect(seconds).toEqual([])
  })
})
