import { encodeVehicleSentence, type VehicleSentence } from '@ankang/device/parts'
import type { BusPosition } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { VirtualVehicle } from '../../src/virtual/virtual-vehicle.ts'

/** A vehicle on a line that somebody listens to. */
function vehicleOf(stops: number) {
  const heard: string[] = []
  const serial = {
    write: async (bytes: Uint8Array) => void heard.push(Buffer.from(bytes).toString()),
    close: async () => undefined,
  }
  const vehicle = new VirtualVehicle({ serial, line: '9', stops, saysEveryMs: 20, untilHeard: async () => undefined })
  onTestFinished(() => vehicle.close())
  return { vehicle, heard }
}

function said(sentence: VehicleSentence): string {
  return Buffer.from(encodeVehicleSentence(sentence)).toString()
}

function at(run: string, direction: BusPosition['direction'], stop: number): string {
  return said({ kind: 'position', position: { line: '9', run, direction, stop } })
}

describe('a virtual vehicle', () => {
  it('says where it is when it is switched on, and at each stop, up and down its line', async () => {
    const { vehicle, heard } = vehicleOf(3)
    await vehicle.switchOn()
    vehicle.switchOff() // what it says every few seconds would come in between
    for (let stop = 0; stop < 4; stop++) await vehicle.nextStop()
    expect(heard).toEqual([
      at('9-01', 'up', 1),
      at('9-01', 'up', 2),
      at('9-02', 'down', 1),
      at('9-02', 'down', 2),
      at('9-03', 'up', 1),
    ])
    expect(vehicle.position).toEqual({ line: '9', run: '9-03', direction: 'up', stop: 1 })
  })

  it('goes on saying where it is while it stands', async () => {
    const { vehicle, heard } = vehicleOf(3)
    await vehicle.switchOn()
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3)
    expect(new Set(heard)).toEqual(new Set([at('9-01', 'up', 1)]))
  })

  it('tells each press of the driver’s key from the one before', async () => {
    const { vehicle, heard } = vehicleOf(3)
    await vehicle.pressKey()
    await vehicle.pressKey()
    expect(heard).toEqual([said({ kind: 'key', counter: 1 }), said({ kind: 'key', counter: 2 })])
  })
})
