import { it } from 'vitest'
import { MemoryVehicle } from '../../src/testing/memory-vehicle.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { vehicleContract } from './vehicle-contract.ts'

vehicleContract(
  'the memory vehicle',
  async () => {
    const clock = new TestClock(1_700_000_000_000)
    const vehicle = new MemoryVehicle('bus', () => clock.nowMs())
    return {
      vehicle,
      clock,
      drive: async position => vehicle.drive(position),
      pressKey: async () => vehicle.pressKey(),
      breakHardware: async () => vehicle.fail('unplugged by the test'),
      repairHardware: async () => vehicle.recover(),
    }
  },
  it,
)
