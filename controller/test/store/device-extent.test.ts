import { describe, expect, it } from 'vitest'
import { deviceExtents } from '../../src/store/device-extent.ts'
import { rideBody } from '../fixtures/bus-rides.ts'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

async function aBus() {
  const bus = new SigningDevice({ device: 'bus-1' }).write(10, () => rideBody())
  const stand = await ingestStand([bus])
  const extents = () => deviceExtents(stand.store.db)
  return { bus, stand, extents }
}

describe('how much of a device is stored', () => {
  it('is told with the scene it serves and its newest record', async () => {
    const { bus, stand, extents } = await aBus()
    await stand.send(bus, bus.batch(1, 10))
    const epoch = Buffer.from(bus.epoch).toString('hex')
    expect(extents()).toEqual([
      {
        device: 'bus-1',
        scene: 'bus',
        newest: { epoch, seq: 10, timeMs: START_MS + 10_000 },
        missing: 0,
        forks: 0,
        quarantined: 0,
      },
    ])
  })

  it('lacks what its newest batch says that it still has', async () => {
    const { bus, stand, extents } = await aBus()
    await stand.send(bus, bus.batch(1, 4))
    expect(extents()).toMatchObject([{ newest: { seq: 4 }, missing: 6 }])
  })

  it('lacks what a signed head names, also of an epoch that never came', async () => {
    const { bus, stand, extents } = await aBus()
    await stand.send(bus, bus.batch(1, 10))
    await stand.deliver(bus, 'head', bus.write(2).head())
    expect(extents()).toMatchObject([{ missing: 2 }])
    await stand.deliver(bus, 'head', bus.startEpoch().write(5).head())
    expect(extents()).toMatchObject([{ newest: { seq: 10 }, missing: 7 }])
  })

  it('is nothing for a device of which only a head came', async () => {
    const { bus, stand, extents } = await aBus()
    await stand.deliver(bus, 'head', bus.head())
    expect(extents()).toEqual([{ device: 'bus-1', scene: null, newest: null, missing: 10, forks: 0, quarantined: 0 }])
  })

  it('counts the messages that contradict it', async () => {
    const { bus, stand, extents } = await aBus()
    const other = bus.twin().write(1, () => rideBody({ chargedFen: 0 }))
    bus.write(1)
    await stand.send(bus, bus.batch(1, 11))
    await stand.send(other, other.batch(11, 11))
    expect(extents()).toMatchObject([{ forks: 1 }])
  })
})
