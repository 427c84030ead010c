import { describe, expect } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { rideCode } from '../../src/ride/ride-code-making.ts'
import { sumOfFares } from '../../src/scenarios/ride-ledger.ts'
import { busInService, RECEIPT_TIMEOUT_MS } from '../fixtures/bus-in-service.ts'

const python3 = requirement('python3')
const RUN_TIMEOUT_MS = 90_000

describe('a virtual bus', () => {
  python3.it(
    'charges one ride with one voice and one record, by account and zone, and the record says where',
    async () => {
      const { bus, stage, clips, stored, ledger } = await busInService()
      const { rides, now, rider } = stage()
      const passenger = rider('ordinary')
      const events = [
        await bus.device.present(rideCode(rides, passenger, now - 1)),
        await bus.device.present(rideCode(rides, passenger, now)),
      ]
      await bus.vehicle.nextStop()
      await bus.vehicle.nextStop()
      events.push(await bus.device.present(rideCode(rides, rider('student'), now)))
      expect(events.map(({ reason }) => reason)).toEqual(['ok', 'ride-repeated', 'ok'])
      expect(clips()).toEqual(['ride-ordinary', 'ride-repeated', 'ride-student'])

      const [first, , third] = events.map(({ seq }) => seq ?? 0)
      await bus.device.waitForReceipt(third ?? 0, RECEIPT_TIMEOUT_MS)
      const recorded = await ledger()
      expect([...recorded.keys()]).toEqual([first, third])
      const up = { line: '9', run: '9-01', direction: 'up' }
      expect([...recorded.values()]).toMatchObject([
        { chargedFen: 300, fullFareFen: 300, fareClass: 'ordinary', position: { ...up, stop: 1 } },
        { chargedFen: 100, fullFareFen: 200, fareClass: 'student', position: { ...up, stop: 3 } },
      ])
      expect(sumOfFares(recorded)).toBe(400)
      expect(await stored()).toMatchObject({ showingsStored: 3, duplicates: 0, gaps: 0 })
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'takes one companion more for each press of the driver’s key',
    async () => {
      const { bus, stage, ledger } = await busInService()
      const { rides, now, rider } = stage()
      const passenger = rider('ordinary')
      const show = async (secondsAgo: number) =>
        (await bus.device.present(rideCode(rides, passenger, now - secondsAgo))).reason
      expect([await show(9), await show(8)]).toEqual(['ok', 'ride-repeated'])
      await bus.vehicle.pressKey()
      expect([await show(7), await show(6)]).toEqual(['ok', 'ride-repeated'])
      await bus.vehicle.pressKey()
      const last = await bus.device.present(rideCode(rides, passenger, now - 5))
      expect(last.reason).toBe('ok')
      await bus.device.waitForReceipt(last.seq ?? 0, RECEIPT_TIMEOUT_MS)
      const paid = [...(await ledger()).values()]
      expect(paid.map(({ byDriverKey }) => byDriverKey)).toEqual([false, true, true])
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'serves on without a radio, and every ride of the dark arrives once when it is heard again',
    async () => {
      const { bus, stage, stored, ledger } = await busInService()
      const { rides, now, rider } = stage()
      const ride = async () => (await bus.device.present(rideCode(rides, rider('ordinary'), now))).seq ?? 0
      await bus.device.waitForReceipt(await ride(), RECEIPT_TIMEOUT_MS)
      bus.radio.cut()
      const dark = [await ride(), await ride(), await ride()]
      expect(await stored()).toMatchObject({ showingsStored: 1 })
      bus.radio.restore()
      await bus.device.waitForReceipt(dark.at(-1) ?? 0, RECEIPT_TIMEOUT_MS)
      expect(await stored()).toMatchObject({ showingsStored: 4, duplicates: 0, gaps: 0 })
      expect([...(await ledger()).keys()].slice(1)).toEqual(dark)
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'remembers over a night who has paid: the code of before is refused, and so is a fresh one of the same account',
    async () => {
      const { bus, stage, clips, stored } = await busInService()
      const { rides, now, rider } = stage()
      const passenger = rider('ordinary')
      const before = rideCode(rides, passenger, now - 1)
      expect(await bus.device.present(before)).toMatchObject({ outcome: 'admit' })
      await bus.night()
      const replayed = await bus.device.present(before)
      const repeated = await bus.device.present(rideCode(rides, passenger, now))
      expect([replayed.reason, repeated.reason]).toEqual(['replayed', 'ride-repeated'])
      expect(clips()).toEqual(['ride-ordinary', 'ride-repeated', 'ride-repeated'])
      await bus.device.waitForReceipt(repeated.seq ?? 0, RECEIPT_TIMEOUT_MS)
      expect(await stored()).toMatchObject({ showingsStored: 3, duplicates: 0, gaps: 0 })
    },
    RUN_TIMEOUT_MS,
  )
})
