import type { Relay } from '../ports/relay.ts'
import { Pulses } from '../timing/pulses.ts'
import { backgroundTimers, type Timers } from '../timing/timers.ts'
import { MemoryFailure } from './memory-failure.ts'

export interface RelayMovement {
  readonly output: string
  readonly on: boolean
}

/** Relays without hardware: what moved stands in `movements`. A pulse of an output that is on counts as a movement. */
export class MemoryRelay implements Relay {
  readonly movements: RelayMovement[] = []
  readonly failure = new MemoryFailure('relay-failed', 'the relay in memory was told to fail')
  readonly #pulses: Pulses

  constructor(timers: Timers = backgroundTimers) {
    this.#pulses = new Pulses(timers, output => this.movements.push({ output, on: false }))
  }

  isOn(output: string): boolean {
    return this.#pulses.isOn(output)
  }

  async pulse(output: string, durationMs: number): Promise<void> {
    this.failure.check()
    this.#pulses.begin(output, durationMs)
    this.movements.push({ output, on: true })
  }

  async allOff(): Promise<void> {
    this.#pulses.end()
  }
}
