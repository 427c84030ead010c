import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chainOf, ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'

const RECORDS = 12

/** Batches from…through over two epochs, in any order, any of them any number of times. */
const deliveries = fc.array(
  fc.record({
    epoch: fc.constantFrom(0, 1),
    ends: fc.tuple(fc.integer({ min: 1, max: RECORDS }), fc.integer({ min: 1, max: RECORDS })),
  }),
  { maxLength: 30 },
)

it('ends in the same store without gaps however batches are split, ordered and repeated', async () => {
  const first = new SigningDevice({ seed: Buffer.alloc(32, 1) }).write(RECORDS)
  const second = first.twin().startEpoch().write(RECORDS)
  const epochs = [first, second]
  await fc.assert(
    fc.asyncProperty(deliveries, async list => {
      const stand = await ingestStand([first])
      for (const { epoch, ends } of list) {
        const device = epochs[epoch] ?? first
        const receipts = await stand.deliver(device, 'records', device.batch(Math.min(...ends), Math.max(...ends)))
        for (const { storedThrough, linkThere, verdict } of receipts) {
          // of an epoch nothing is stored of, the centre can only assume that it is the first one
          if (storedThrough > 0 || epoch === 0) expect(linkThere).toEqual(device.link(storedThrough))
          expect(stand.stored(device)).toEqual(chainOf(device, storedThrough))
          expect(verdict === 'ok' || epoch === 1).toBe(true)
        }
        expect(stand.tallies.total()).toMatchObject({ duplicates: 0, gaps: 0 })
      }
      // a device goes on from what the receipt says until all is stored
      for (const device of epochs) {
        let through = stand.stored(device).length
        while (through < RECORDS)
          through = (await stand.send(device, device.batch(through + 1, Math.min(RECORDS, through + 5)))).storedThrough
        expect(stand.stored(device)).toEqual(chainOf(device))
      }
      expect(stand.tallies.total()).toEqual({ records: 2 * RECORDS, showings: 2 * RECORDS, duplicates: 0, gaps: 0 })
      expect(stand.refusals.counts()).toEqual({})
      stand.close()
    }),
    { numRuns: 40 },
  )
})

it('never throws out of its handler, whatever the bytes are', async () => {
  const door = new SigningDevice({ seed: Buffer.alloc(32, 1) }).write(4)
  const stand = await ingestStand([door])
  const good = door.batch(1, 4)
  const flipped = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
    const bytes = Uint8Array.from(good)
    bytes[at] = (bytes[at] ?? 0) ^ bits
    return bytes
  })
  await fc.assert(
    fc.asyncProperty(fc.oneof(flipped, fc.uint8Array({ maxLength: 400 })), async bytes => {
      expect(await stand.deliver(door, 'records', bytes)).toEqual([])
    }),
    { numRuns: 500 },
  )
  expect(stand.tallies.total().records).toBe(0)
})
