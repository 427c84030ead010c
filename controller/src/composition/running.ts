import { describeError } from '@ankang/protocol'
import type { Log } from '../log.ts'

/** What has been started, so that it can be stopped: the newest first. */
export class Running {
  readonly #log: Log
  readonly #endings: (() => unknown)[] = []

  constructor(log: Log) {
    this.#log = log
  }

  /** Runs when all of this is stopped. */
  onClose(ending: () => unknown): void {
    this.#endings.push(ending)
  }

  /** A task that comes round again; one that fails is told of and tried again. */
  every(periodMs: number, task: () => unknown): void {
    const timer = setInterval(async () => {
      try {
        await task()
      } catch (error) {
        this.#log.error({ event: 'fault', detail: describeError(error) }, 'a periodic task failed; it is tried again')
      }
    }, periodMs)
    this.onClose(() => clearInterval(timer))
  }

  async close(): Promise<void> {
    for (const ending of this.#endings.splice(0).reverse()) await ending()
  }
}
