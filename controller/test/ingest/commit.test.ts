import { deviceTopic } from '@ankang/protocol'
import { expect, it } from 'vitest'
import type { Ledger } from '../../src/store/ledger.ts'
import { chainOf, ingestStand, trustedReceipt } from '../fixtures/ingest-stand.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'

class DiskFull extends RangeError {}

/** A ledger whose commits can be made to fail, and which notes when one returned. */
function watchedLedger(events: string[], fails: () => boolean): (ledger: Ledger) => Ledger {
  return ledger => {
    const commit = <T>(work: () => T): T => {
      const result = ledger.commit(() => {
        const made = work()
        if (fails()) throw new DiskFull('database or disk is full')
        return made
      })
      events.push('committed')
      return result
    }
    return new Proxy(ledger, {
      get: (target, name) => {
        if (name === 'commit') return commit
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }
}

it('gives a receipt only after the commit has returned', async () => {
  const events: string[] = []
  const door = new SigningDevice().write(2)
  const stand = await ingestStand([door], { wrapLedger: watchedLedger(events, () => false) })
  await stand.postman.subscribe(deviceTopic(door, 'receipts'), async () => {
    events.push('receipt')
  })
  await stand.send(door, door.batch(1, 2))
  expect(events).toEqual(['committed', 'receipt'])
})

it('gives no receipt when the commit fails, says so, and takes the same batch later', async () => {
  let isFull = true
  const door = new SigningDevice().write(3)
  const stand = await ingestStand([door], { wrapLedger: watchedLedger([], () => isFull) })

  expect(await stand.deliver(door, 'records', door.batch(1, 3))).toEqual([])
  expect(stand.ingest.storeFault).toContain('full')
  expect(stand.tallies.total().records).toBe(0)
  expect(stand.log.lines).toContainEqual(
    expect.objectContaining({ level: 'error', fields: expect.objectContaining({ event: 'store-fault' }) }),
  )

  isFull = false
  expect(await stand.send(door, door.batch(1, 3))).toMatchObject({ storedThrough: 3 })
  expect(stand.ingest.storeFault).toBeNull()
  expect(stand.stored(door)).toEqual(chainOf(door))
})

it('puts batches that wait together into one commit', async () => {
  const events: string[] = []
  const doors = Array.from({ length: 20 }, (_, index) =>
    new SigningDevice({ device: `door-${index}`, seed: Buffer.alloc(32, index + 1) }).write(2),
  )
  const stand = await ingestStand(doors, { wrapLedger: watchedLedger(events, () => false) })
  await Promise.all(doors.map(door => stand.postman.publish(deviceTopic(door, 'records'), door.batch(1, 2))))
  expect(events).toEqual(['committed'])
  expect(stand.tallies.total()).toMatchObject({ records: 40, gaps: 0 })
})

it('does not let one batch that the store cannot take hold up the others', async () => {
  const doors = [1, 2, 3].map(seed =>
    new SigningDevice({ device: `door-${seed}`, seed: Buffer.alloc(32, seed) }).write(2),
  )
  const stand = await ingestStand(doors, {
    wrapLedger: ledger =>
      new Proxy(ledger, {
        get: (target, name) => {
          if (name === 'extend') {
            return (...[epoch, extension]: Parameters<Ledger['extend']>) => {
              if (epoch.device === 'door-2') throw new DiskFull('a row too large')
              return target.extend(epoch, extension)
            }
          }
          const member: unknown = Reflect.get(target, name)
          return typeof member === 'function' ? member.bind(target) : member
        },
      }),
  })
  await Promise.all(doors.map(door => stand.postman.publish(deviceTopic(door, 'records'), door.batch(1, 2))))
  const answered = stand.postman.sent
    .filter(({ topic }) => topic.endsWith('/receipts'))
    .map(({ payload }) => trustedReceipt(payload).device)
  expect(answered.sort()).toEqual(['door-1', 'door-3'])
  expect(stand.tallies.total().records).toBe(4)
})

it('turns away what it cannot hold, and has lost nothing when it is sent again', async () => {
  const door = new SigningDevice().write(300)
  const stand = await ingestStand([door])
  const batches = Array.from({ length: 300 }, (_, index) => door.batch(index + 1, index + 1))
  const topic = deviceTopic(door, 'records')
  await Promise.all(batches.map(batch => stand.postman.publish(topic, batch)))
  expect(stand.refusals.counts()).toEqual({ 'queue-full': 300 - 256 })
  for (const batch of batches) await stand.send(door, batch)
  expect(stand.stored(door)).toEqual(chainOf(door))
})
