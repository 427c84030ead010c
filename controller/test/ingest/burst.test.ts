import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { deviceTopic } from '@ankang/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { Tallies } from '../../src/store/tally.ts'
import { trustedReceipt } from '../fixtures/ingest-stand.ts'
import { deviceLine, runningController } from '../fixtures/running-controller.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'

it('works off a burst of more batches than the broker hands over at once, from several devices, and answers each', async () => {
  const doors = [1, 2, 3].map(seed =>
    new SigningDevice({ device: `door-${seed}`, seed: Buffer.alloc(32, seed) }).write(200),
  )
  const controller = await runningController(doors)
  await Promise.all(
    doors.map(async door => {
      const { client } = await deviceLine(controller, door)
      const done = new Promise<number>((resolve, reject) => {
        let receipts = 0
        client.on('message', (_topic, message) => {
          try {
            receipts++
            if (trustedReceipt(message).storedThrough === door.newestSeq) resolve(receipts)
          } catch (error) {
            reject(error)
          }
        })
      })
      for (let seq = 1; seq <= door.newestSeq; seq++)
        client.publish(deviceTopic(door, 'records'), Buffer.from(door.batch(seq, seq)), { qos: 1 })
      expect(await done).toBe(door.newestSeq)
    }),
  )
  await controller.close()
  const store = openStore(join(controller.home, 'controller', 'store.sqlite'), { random: randomBytes })
  onTestFinished(() => store.close())
  expect(new Tallies(store).total()).toMatchObject({ records: 600, duplicates: 0, gaps: 0 })
})
