import { UsageError } from '@ankang/protocol'
import type { CancelTimer, Timers } from './timers.ts'

/**
 * How long switched outputs stay on. Each pulse has its own end and an output falls with the last of them, so that a
 * short pulse never shortens a long one.
 */
export class Pulses {
  readonly #timers: Timers
  readonly #onFall: (output: string) => void
  readonly #running = new Map<string, Set<CancelTimer>>()

  constructor(timers: Timers, onFall: (output: string) => void) {
    this.#timers = timers
    this.#onFall = onFall
  }

  isOn(output: string): boolean {
    return this.#running.has(output)
  }

  /** Returns a function that ends this pulse early. Throws UsageError `pulse-unbounded`: nothing opens without an end. */
  begin(output: string, durationMs: number): CancelTimer {
    if (!(durationMs > 0 && Number.isFinite(durationMs)))
      throw new UsageError('pulse-unbounded', `a pulse of ${output} needs a duration above 0 ms; ${durationMs} came`)
    const pulses = this.#running.get(output) ?? new Set()
    this.#running.set(output, pulses)
    const finish = (): void => {
      cancel()
      if (pulses.delete(cancel) && pulses.size === 0) this.#fall(output)
    }
    const cancel = this.#timers.after(durationMs, finish)
    pulses.add(cancel)
    return finish
  }

  /** Ends every pulse at once. */
  end(): void {
    for (const [output, pulses] of [...this.#running]) {
      for (const cancel of pulses) cancel()
      pulses.clear()
      this.#fall(output)
    }
  }

  #fall(output: string): void {
    this.#running.delete(output)
    this.#onFall(output)
  }
}
