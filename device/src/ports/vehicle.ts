import type { ReaderState } from './reader.ts'

/** Where a vehicle is on its way. */
export interface VehiclePosition {
  readonly line: string
  readonly run: string
  readonly direction: 'up' | 'down'
  /** Ordinal of the stop on this run, from 1. */
  readonly stop: number
}

export function isSamePlace(a: VehiclePosition | null, b: VehiclePosition): boolean {
  return a !== null && a.line === b.line && a.run === b.run && a.direction === b.direction && a.stop === b.stop
}

/** What the box knows of its vehicle at this moment. */
export interface VehicleNow {
  /** Null until the vehicle has spoken. The last word stays true through tunnels. */
  readonly position: VehiclePosition | null
  /** Unix ms of the newest press of the driver's key; null when never pressed in this run of the program. */
  readonly keyPressedAtMs: number | null
}

export interface VehicleEvents {
  /** Called on every change. A fault is announced once; the vehicle is tried again without a restart. */
  onState(state: ReaderState): void
  /** Called when it has said something new: another place, or a press of the key. */
  onNews(now: VehicleNow): void
}

/**
 * The vehicle a box rides in, as its on-board unit tells of it: where it is, and the driver's key.
 *
 * Contract: `start` resolves once the first state was announced, ready or fault, and throws only on a configuration that
 * can never work. A vehicle whose line is lost announces a fault and comes back without a restart; what it said before
 * stays. Silence is no fault: a bus may stand all night. Broken input changes nothing; where nothing else comes for a while it is a fault. One press of the key is one
 * moment, however often its unit repeats it. `now` answers at once, never throws, and may be asked before `start` and
 * after `stop`. After `stop` resolves nothing changes any more, nothing is announced and no handle is open; `stop` may
 * be called twice.
 */
export interface Vehicle {
  readonly name: string
  start(events: VehicleEvents): Promise<void>
  now(): VehicleNow
  stop(): Promise<void>
}
