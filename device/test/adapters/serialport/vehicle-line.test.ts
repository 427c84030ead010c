import { describe, expect, onTestFinished, vi } from 'vitest'
import { requirement } from '../../../../scripts/testing/requirements.ts'
import { VehicleLine } from '../../../src/adapters/serialport/vehicle-line.ts'
import { encodeVehicleSentence } from '../../../src/framing/vehicle-sentence.ts'
import type { ReaderState } from '../../../src/ports/reader.ts'
import type { VehiclePosition } from '../../../src/ports/vehicle.ts'
import { ManualTimers } from '../../../src/testing/manual-timers.ts'
import { TestClock } from '../../../src/testing/test-clock.ts'
import { vehicleContract } from '../../contracts/vehicle-contract.ts'
import { makePlug } from '../../fixtures/plug.ts'

const python = requirement('python3')
const WAITING = { timeout: 20_000, interval: 5 }
const HERE: VehiclePosition = { line: '12', run: 'A-0701', direction: 'down', stop: 7 }
const THERE: VehiclePosition = { ...HERE, stop: 8 }

const said = (position: VehiclePosition): string =>
  Buffer.from(encodeVehicleSentence({ kind: 'position', position })).toString('latin1')
const pressed = (counter: number): string =>
  Buffer.from(encodeVehicleSentence({ kind: 'key', counter })).toString('latin1')

async function bench() {
  const plug = await makePlug(python.value)
  const clock = new TestClock(1_700_000_000_000)
  const timers = new ManualTimers()
  const vehicle = new VehicleLine({ name: 'bus', path: plug.path, baudRate: 9600, clock, timers })
  return { ...plug, clock, timers, vehicle }
}

async function started() {
  const made = await bench()
  const states: ReaderState[] = []
  onTestFinished(() => made.vehicle.stop())
  await made.vehicle.start({ onState: state => states.push(state), onNews: () => undefined })
  const isAt = (position: VehiclePosition) =>
    vi.waitFor(() => expect(made.vehicle.now().position).toEqual(position), WAITING)
  return { ...made, states, isAt }
}

vehicleContract(
  'the vehicle line',
  async () => {
    const plug = await makePlug(python.value)
    const clock = new TestClock(1_700_000_000_000)
    let presses = 0
    return {
      vehicle: new VehicleLine({ name: 'bus', path: plug.path, baudRate: 9600, clock }),
      clock,
      drive: position => plug.send(said(position)),
      pressKey: async () => {
        presses += 1
        await plug.send(pressed(presses).repeat(3))
      },
      breakHardware: plug.unplug,
      repairHardware: plug.plugIn,
    }
  },
  (title, run) => python.it(title, run),
)

describe('a vehicle line', () => {
  python.it('understands a sentence that comes in pieces, and one that ends with LF alone', async () => {
    const { send, isAt } = await started()
    const sentence = said(HERE)
    await send(sentence.slice(0, 9))
    await send(sentence.slice(9))
    await isAt(HERE)
    await send(said(THERE).replace('\r', ''))
    await isAt(THERE)
  })

  python.it('counts sentences it does not understand by their fault, and nothing else comes of them', async () => {
    const { send, isAt, vehicle, states } = await started()
    const wrongSum = said(THERE).replace(',8*', ',9*')
    await send(`${wrongSum}$GPRMC,1*00\r\nnoise\r\n${pressed(1).slice(1)}\xff\x00\n${said(HERE)}`)
    await isAt(HERE)
    expect(vehicle.rejected).toMatchObject({ 'bad-checksum': 2, 'bad-form': 3, 'other-sentence': 0 })
    expect(vehicle.now()).toEqual({ position: HERE, keyPressedAtMs: null })
    expect(states).toEqual([{ state: 'ready' }])
  })

  python.it(
    'calls a line of nothing but garble a fault once, and sound again with the first sentence that checks',
    async () => {
      const { send, isAt, states } = await started()
      await send('garble\r\n'.repeat(25))
      await send(said(HERE))
      await isAt(HERE)
      expect(states).toMatchObject([
        { state: 'ready' },
        { state: 'fault', detail: expect.stringContaining('baud rate') },
        { state: 'ready' },
      ])
    },
  )

  python.it('does not mind a navigation unit on the same line', async () => {
    const { send, isAt, states, vehicle } = await started()
    await send('$GPGLL,,,,,,V,N*64\r\n'.repeat(25))
    await send(said(HERE))
    await isAt(HERE)
    expect(vehicle.rejected['other-sentence']).toBe(25)
    expect(states).toEqual([{ state: 'ready' }])
  })

  python.it('takes the same counter for a new press once the unit can have started anew', async () => {
    const { send, isAt, vehicle, clock } = await started()
    await send(`${pressed(1)}${said(HERE)}`)
    await isAt(HERE)
    clock.advance(60_000)
    await send(`${pressed(1)}${said(THERE)}`)
    await isAt(THERE)
    expect(vehicle.now().keyPressedAtMs).toBe(clock.nowMs())
  })

  python.it('hears a press whose first saying was lost', async () => {
    const { send, isAt, vehicle, clock } = await started()
    await send(`${pressed(41).replace('*', '#')}${pressed(41)}${pressed(41)}${said(HERE)}`)
    await isAt(HERE)
    expect(vehicle.now().keyPressedAtMs).toBe(clock.nowMs())
  })

  python.it('takes a press that is said again later for the same one', async () => {
    const { send, isAt, vehicle, clock } = await started()
    await send(`${pressed(41)}${said(HERE)}`)
    await isAt(HERE)
    const pressedAtMs = clock.nowMs()
    clock.advance(1000)
    await send(`${pressed(41)}${pressed(41)}${said(THERE)}`)
    await isAt(THERE)
    expect(vehicle.now().keyPressedAtMs).toBe(pressedAtMs)
  })

  python.it('tells presses apart by their counter, also where it starts anew', async () => {
    const { send, isAt, vehicle, clock } = await started()
    for (const [turn, counter] of [5, 999_999, 0].entries()) {
      clock.advance(1000)
      const position = { ...HERE, stop: turn + 1 }
      await send(`${pressed(counter)}${said(position)}`)
      await isAt(position)
      expect(vehicle.now().keyPressedAtMs).toBe(clock.nowMs())
    }
  })

  python.it('takes silence for no fault', async () => {
    const { send, isAt, timers, clock, vehicle, states } = await started()
    await send(said(HERE))
    await isAt(HERE)
    const nightMs = 12 * 3_600_000
    clock.advance(nightMs)
    timers.advance(nightMs)
    expect(states).toEqual([{ state: 'ready' }])
    expect(vehicle.now().position).toEqual(HERE)
  })

  python.it('drops what no sentence can be, says so once, and hears the next', async () => {
    const { send, isAt, states } = await started()
    await send('~'.repeat(100_000))
    await send(`\r\n${said(HERE)}`)
    await isAt(HERE)
    expect(states.map(({ state }) => state)).toEqual(['ready', 'fault', 'ready'])
    expect(states[1]).toMatchObject({
      detail: expect.stringMatching(/more than 128 bytes .*end of a sentence.*check the on-board unit's/),
    })
  })

  python.it('says what to do when the line is not there', async () => {
    const { vehicle, unplug } = await bench()
    await unplug()
    const states: ReaderState[] = []
    onTestFinished(() => vehicle.stop())
    await vehicle.start({ onState: state => states.push(state), onNews: () => undefined })
    expect(states).toEqual([
      { state: 'fault', detail: expect.stringMatching(/does not open.*check that the on-board unit is plugged in/) },
    ])
  })
})
