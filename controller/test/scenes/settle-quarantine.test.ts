import { describe, expect, it } from 'vitest'
import { statementText } from '../../src/scenes/bus-statement-text.ts'
import { settleRides } from '../../src/scenes/settle-rides.ts'
import { rideBody, tagOf } from '../fixtures/bus-rides.ts'
import { paperCertificate } from '../fixtures/enrolled-devices.ts'
import { type IngestStand, ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

const FARE_FEN = 200
const MINUTE_MS = 60_000

/** A bus with `rides` rides of nobody twice, a minute apart. */
function aBus(rides: number, device = 'bus-1'): SigningDevice {
  return new SigningDevice({ site: 'depot', device }).write(rides, seq =>
    rideBody({ tag: tagOf(`${device} ${seq}`) }, { timeMs: START_MS + seq * MINUTE_MS }),
  )
}

function revoke(stand: IngestStand, { device }: SigningDevice): void {
  stand.registry.commit(() => stand.registry.revoke(device, 'stolen'))
}

async function settled({ store }: IngestStand) {
  const options = { day: null, operator: null, signal: new AbortController().signal }
  return (await settleRides(store.db, options)) ?? expect.fail('expected a statement')
}

describe('what a revoked bus is not trusted for', () => {
  it('is in no sum, and the statement says how much it is', async () => {
    const bus = aBus(10)
    const stand = await ingestStand([bus])
    await stand.send(bus, bus.batch(1, 8))
    await stand.deliver(bus, 'head', bus.head(5))
    expect((await settled(stand)).totals).toMatchObject({ rides: 8 })
    revoke(stand, bus)
    await stand.deliver(bus, 'records', bus.batch(9, 10))
    const statement = await settled(stand)
    expect(statement.totals).toMatchObject({ rides: 5, netFen: 5 * FARE_FEN })
    expect(statement.completeness).toMatchObject({
      ridesRead: 5,
      quarantined: 3,
      unsettled: { count: 0 },
      devices: [{ device: 'bus-1', newest: { seq: 8 }, missing: 0, forks: 0, quarantined: 5 }],
    })
    const text = statementText(statement)
    expect(text).toContain('隔离未计 quarantined, left out 3')
    expect(text).toMatch(/bus-1 +#8 +2026-03-01 08:00 +0 +0 +5\n/)
  })

  it('does not begin where records come late from before its last head', async () => {
    const bus = aBus(10)
    const stand = await ingestStand([bus])
    await stand.send(bus, bus.batch(1, 3))
    await stand.deliver(bus, 'head', bus.head(8))
    revoke(stand, bus)
    expect((await settled(stand)).totals.rides).toBe(3)
    await stand.send(bus, bus.batch(4, 10))
    const { totals, completeness } = await settled(stand)
    expect([totals.rides, completeness.quarantined]).toEqual([8, 0])
    expect(completeness.devices).toMatchObject([{ missing: 0, quarantined: 2 }])
  })

  it('gives nobody a transfer on another bus', async () => {
    const [stolen, other] = [aBus(1), aBus(0, 'bus-2')]
    const position = { line: '28', run: '28-1', direction: 'up', stop: 1 } as const
    stolen.write(1, () => rideBody({ tag: tagOf('somebody') }, { timeMs: START_MS + 5 * MINUTE_MS }))
    other.write(1, () => rideBody({ tag: tagOf('somebody'), position }, { timeMs: START_MS + 9 * MINUTE_MS }))
    const stand = await ingestStand([stolen, other])
    await stand.send(stolen, stolen.batch(1, 2))
    await stand.deliver(stolen, 'head', stolen.head(1))
    await stand.send(other, other.batch(1, 1))
    expect((await settled(stand)).totals).toMatchObject({ rides: 3, transfers: 1 })
    revoke(stand, stolen)
    expect((await settled(stand)).totals).toMatchObject({ rides: 2, transfers: 0, netFen: 2 * FARE_FEN })
  })

  it('is everything of a bus that never signed a head, and nothing of the one that took its place', async () => {
    const bus = aBus(4)
    const stand = await ingestStand([bus])
    await stand.send(bus, bus.batch(1, 4))
    revoke(stand, bus)
    const { site, device } = bus
    const fresh = aBus(2)
    const certificate = paperCertificate()
    stand.registry.commit(() => stand.registry.enrol({ site, device, publicKey: fresh.publicKey, certificate }))
    await stand.send(fresh, fresh.batch(1, 2))
    const { totals, completeness } = await settled(stand)
    expect([totals.rides, completeness.quarantined]).toEqual([2, 4])
  })

  it('begins after the last head that the stored chain does not contradict', async () => {
    const bus = aBus(3)
    const thief = bus.twin().write(5, () => rideBody({ tag: tagOf('the thief’s friend') }))
    bus.write(5)
    const stand = await ingestStand([bus])
    await stand.send(thief, thief.batch(1, 8))
    for (const seq of [2, 7]) await stand.deliver(bus, 'head', bus.head(seq))
    revoke(stand, bus)
    const { totals, completeness } = await settled(stand)
    expect([totals.rides, completeness.quarantined]).toEqual([2, 6])
    expect(stand.quarantine.quarantinedRecords(bus.device)).toBe(6)
  })

  it('is no record that could not be settled, even where nobody can read it', async () => {
    const bus = aBus(2)
    const stand = await ingestStand([bus])
    bus.writeBytes(Buffer.from('no record'))
    await stand.send(bus, bus.batch(1, 3))
    await stand.deliver(bus, 'head', bus.head(2))
    expect((await settled(stand)).completeness).toMatchObject({ quarantined: 0, unsettled: { count: 1 } })
    revoke(stand, bus)
    expect((await settled(stand)).completeness).toMatchObject({ quarantined: 1, unsettled: { count: 0 } })
  })
})
