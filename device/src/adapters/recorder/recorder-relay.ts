import type { Relay } from '../../ports/relay.ts'
import { Pulses } from '../../timing/pulses.ts'
import { backgroundTimers, type Timers } from '../../timing/timers.ts'
import { appendLine } from './append-line.ts'

export interface RecorderRelayOptions {
  readonly file: string
  /** Outputs that are put off, and recorded so, at the start; others are known from their first pulse on. */
  readonly outputs?: readonly string[]
  /** Unix milliseconds. */
  readonly nowMs: () => number
  /** Called when a fall could not be recorded; there is nobody left to reject to. */
  readonly onFault?: (error: unknown) => void
  readonly timers?: Timers
}

/** Relays without hardware: a JSON line {"atMs", "output", "on"} for every pulse and every fall. */
export class RecorderRelay implements Relay {
  readonly #options: RecorderRelayOptions
  readonly #pulses: Pulses

  constructor(options: RecorderRelayOptions) {
    this.#options = options
    this.#pulses = new Pulses(options.timers ?? backgroundTimers, output => this.#fell(output))
    for (const output of options.outputs ?? []) this.#record(output, false)
  }

  async pulse(output: string, durationMs: number): Promise<void> {
    const takeBack = this.#pulses.begin(output, durationMs)
    try {
      this.#record(output, true)
    } catch (error) {
      takeBack()
      throw error
    }
  }

  async allOff(): Promise<void> {
    this.#pulses.end()
  }

  #fell(output: string): void {
    try {
      this.#record(output, false)
    } catch (error) {
      this.#options.onFault?.(error)
    }
  }

  #record(output: string, on: boolean): void {
    appendLine(this.#options.file, { atMs: this.#options.nowMs(), output, on })
  }
}
