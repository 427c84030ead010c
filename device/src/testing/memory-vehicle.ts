import { UsageError } from '@ankang/protocol'
import type { ReaderState } from '../ports/reader.ts'
import {
  isSamePlace,
  type Vehicle,
  type VehicleEvents,
  type VehicleNow,
  type VehiclePosition,
} from '../ports/vehicle.ts'

/** A vehicle without an on-board unit: a test drives it, presses the driver's key, and breaks it. */
export class MemoryVehicle implements Vehicle {
  readonly name: string
  readonly #nowMs: () => number
  #events: VehicleEvents | null = null
  #broken: ReaderState | null = null
  #now: VehicleNow = { position: null, keyPressedAtMs: null }

  /** `nowMs` is Unix milliseconds. */
  constructor(name: string, nowMs: () => number = () => Date.now()) {
    this.name = name
    this.#nowMs = nowMs
  }

  async start(events: VehicleEvents): Promise<void> {
    if (this.#events !== null)
      throw new UsageError(
        'vehicle-started',
        `vehicle ${this.name} is started already; stop it before starting it again`,
      )
    this.#events = events
    events.onState(this.#broken ?? { state: 'ready' })
  }

  now(): VehicleNow {
    return this.#now
  }

  async stop(): Promise<void> {
    this.#events = null
  }

  /** The vehicle says where it is. Nothing comes of it while it is broken or stopped. */
  drive(position: VehiclePosition): void {
    if (!this.#isHeard) return
    const isNews = !isSamePlace(this.#now.position, position)
    this.#now = { ...this.#now, position }
    if (isNews) this.#events?.onNews(this.#now)
  }

  /** The driver presses the key. Nothing comes of it while the vehicle is broken or stopped. */
  pressKey(): void {
    if (!this.#isHeard) return
    this.#now = { ...this.#now, keyPressedAtMs: this.#nowMs() }
    this.#events?.onNews(this.#now)
  }

  /** The line to the vehicle goes away. */
  fail(detail: string): void {
    if (this.#broken !== null) return
    this.#broken = { state: 'fault', detail }
    this.#events?.onState(this.#broken)
  }

  /** The line is back. */
  recover(): void {
    if (this.#broken === null) return
    this.#broken = null
    this.#events?.onState({ state: 'ready' })
  }

  get #isHeard(): boolean {
    return this.#events !== null && this.#broken === null
  }
}
