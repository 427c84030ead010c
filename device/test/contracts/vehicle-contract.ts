import { describe, expect, onTestFinished, vi } from 'vitest'
import type { ReaderState } from '../../src/ports/reader.ts'
import type { Vehicle, VehicleNow, VehiclePosition } from '../../src/ports/vehicle.ts'
import type { TestClock } from '../../src/testing/test-clock.ts'

/** A box's vehicle and the on-board unit at its other end. */
export interface VehicleBench {
  readonly vehicle: Vehicle
  /** The clock by which presses of the key are told. */
  readonly clock: TestClock
  /** The on-board unit says where it is. */
  drive(position: VehiclePosition): Promise<void>
  /** The driver presses the key once, and the unit says it as often as it does. */
  pressKey(): Promise<void>
  /** Takes the line away; resolves when it is gone. */
  breakHardware(): Promise<void>
  repairHardware(): Promise<void>
}

type RunTest = (title: string, run: () => Promise<void>) => void

const FIRST: VehiclePosition = { line: '12', run: 'A-0701', direction: 'up', stop: 1 }
const SECOND: VehiclePosition = { line: '12', run: 'A-0701', direction: 'up', stop: 2 }
const BACK: VehiclePosition = { line: 'K7', run: '0815', direction: 'down', stop: 999 }
const WAITING = { timeout: 20_000, interval: 5 }

/** What every vehicle promises. `make` builds a fresh bench and registers its own clean-up. */
export function vehicleContract(name: string, make: () => Promise<VehicleBench>, it: RunTest): void {
  async function bench() {
    const made = await make()
    const states: ReaderState[] = []
    const news: VehicleNow[] = []
    const events = {
      onState: (state: ReaderState) => void states.push(state),
      onNews: (now: VehicleNow) => void news.push(now),
    }
    onTestFinished(() => made.vehicle.stop())
    return {
      ...made,
      states,
      news,
      events,
      stateNames: () => states.map(({ state }) => state),
      knows: (what: Partial<VehicleNow>) =>
        vi.waitFor(() => expect(made.vehicle.now()).toMatchObject(what), WAITING).then(() => undefined),
      says: (names: readonly string[]) =>
        vi.waitFor(() => expect(states.map(({ state }) => state)).toEqual(names), WAITING).then(() => undefined),
    }
  }

  async function started() {
    const made = await bench()
    await made.vehicle.start(made.events)
    return made
  }

  describe(`${name} keeps the vehicle contract`, () => {
    it('has announced its state when start resolves, and knows nothing before the vehicle has spoken', async () => {
      const { vehicle, stateNames } = await started()
      expect(stateNames()).toEqual(['ready'])
      expect(vehicle.now()).toEqual({ position: null, keyPressedAtMs: null })
    })

    it('knows the newest position and nothing older', async () => {
      const { drive, knows, vehicle } = await started()
      for (const position of [FIRST, SECOND, BACK]) {
        await drive(position)
        await knows({ position })
      }
      expect(vehicle.now()).toEqual({ position: BACK, keyPressedAtMs: null })
    })

    it('takes one press of the key for one moment, however often it is said', async () => {
      const { clock, pressKey, drive, knows } = await started()
      const pressedAtMs = clock.nowMs()
      await pressKey()
      await knows({ keyPressedAtMs: pressedAtMs })
      clock.advance(5_000)
      await drive(FIRST) // whatever was still said of the press has been heard when this is
      await knows({ position: FIRST, keyPressedAtMs: pressedAtMs })
    })

    it('tells what is new once, however often it is said', async () => {
      const { clock, news, drive, pressKey, knows } = await started()
      const atMs = clock.nowMs()
      await drive(FIRST)
      await drive(FIRST)
      await pressKey()
      await drive(FIRST)
      await drive(SECOND)
      await knows({ position: SECOND })
      expect(news).toEqual([
        { position: FIRST, keyPressedAtMs: null },
        { position: FIRST, keyPressedAtMs: atMs },
        { position: SECOND, keyPressedAtMs: atMs },
      ])
    })

    it('knows the newest press of the key', async () => {
      const { clock, pressKey, knows } = await started()
      await pressKey()
      await knows({ keyPressedAtMs: clock.nowMs() })
      clock.advance(60_000)
      await pressKey()
      await knows({ keyPressedAtMs: clock.nowMs() })
    })

    it('announces a lost line once, keeps what was said, and comes back by itself', async () => {
      const { states, says, drive, pressKey, knows, vehicle, clock, breakHardware, repairHardware } = await started()
      await drive(FIRST)
      await pressKey()
      const known = { position: FIRST, keyPressedAtMs: clock.nowMs() }
      await knows(known)
      await breakHardware()
      await says(['ready', 'fault'])
      expect(vehicle.now()).toEqual(known)
      await repairHardware()
      await says(['ready', 'fault', 'ready'])
      expect(vehicle.now()).toEqual(known)
      await drive(SECOND)
      await knows({ ...known, position: SECOND })
      expect(states[1]).toMatchObject({ detail: expect.stringMatching(/.{10}/) })
    })

    it('starts with a fault where the line is missing, and comes up when it is there', async () => {
      const { vehicle, events, stateNames, says, drive, knows, breakHardware, repairHardware } = await bench()
      await breakHardware()
      await vehicle.start(events)
      expect(stateNames()).toEqual(['fault'])
      await repairHardware()
      await says(['fault', 'ready'])
      await drive(FIRST)
      await knows({ position: FIRST })
    })

    it('can be asked before start', async () => {
      const { vehicle } = await bench()
      expect(vehicle.now()).toEqual({ position: null, keyPressedAtMs: null })
    })

    it('keeps its last word after stop, hears no other, and may be stopped twice', async () => {
      const { vehicle, states, drive, pressKey, knows } = await started()
      await drive(FIRST)
      await knows({ position: FIRST })
      await vehicle.stop()
      await vehicle.stop()
      const said = states.length
      await drive(SECOND)
      await pressKey()
      expect(vehicle.now()).toEqual({ position: FIRST, keyPressedAtMs: null })
      expect(states).toHaveLength(said)
    })

    it('hears again when it is started again', async () => {
      const { vehicle, events, drive, knows } = await started()
      await vehicle.stop()
      await vehicle.start(events)
      await drive(SECOND)
      await knows({ position: SECOND })
    })

    it('is not started twice', async () => {
      const { vehicle, events } = await started()
      await expect(vehicle.start(events)).rejects.toMatchObject({ code: 'vehicle-started' })
    })
  })
}
