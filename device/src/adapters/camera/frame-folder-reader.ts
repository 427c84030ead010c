import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError, UsageError } from '@ankang/protocol'
import type { FrameDecoder } from '../../framing/frame-decoder.ts'
import type { GrayFrame } from '../../framing/gray-frame.ts'
import type { Reader, ReaderEvents, ReaderState } from '../../ports/reader.ts'
import { Backoff } from '../../timing/backoff.ts'
import { type CancelTimer, systemTimers, type Timers } from '../../timing/timers.ts'

export interface FrameFolderReaderOptions {
  readonly name: string
  readonly folder: string
  readonly loadPicture: (file: string) => Promise<GrayFrame>
  /** Owned by the reader from here on: closed with it. */
  readonly decoder: FrameDecoder
  /** Monotonic milliseconds, the clock of `Reading.startedAtMs`. */
  readonly nowMs: () => number
  readonly timers?: Timers
}

const PICTURE = /\.(png|jpe?g|pgm)$/i
const RETRY = { firstMs: 500, maxMs: 10_000 }

/** Shows the pictures of a folder once, in the order of their names. Every picture that holds a code is one showing. */
export class FrameFolderReader implements Reader {
  readonly name: string
  readonly #options: FrameFolderReaderOptions
  readonly #backoff = new Backoff(RETRY)
  #events: ReaderEvents | null = null
  #state: ReaderState['state'] | null = null
  #cancelRetry: CancelTimer | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(options: FrameFolderReaderOptions) {
    this.name = options.name
    this.#options = options
  }

  async start(events: ReaderEvents): Promise<void> {
    if (this.#events !== null)
      throw new UsageError('reader-started', `reader ${this.name} is started already; a folder is shown once`)
    this.#events = events
    await this.#open()
  }

  async stop(): Promise<void> {
    this.#events = null
    this.#cancelRetry?.()
    this.#cancelRetry = null
    await this.#options.decoder.close()
    await this.#running
  }

  async #open(): Promise<void> {
    const { folder } = this.#options
    try {
      const files = (await readdir(folder)).filter(file => PICTURE.test(file)).sort()
      this.#announce({ state: 'ready' })
      this.#running = this.#showAll(files)
    } catch (error) {
      this.#announce({
        state: 'fault',
        detail: `the folder of frames cannot be read: ${describeError(error)}; create ${folder}`,
      })
      if (this.#events === null) return
      const timers = this.#options.timers ?? systemTimers
      this.#cancelRetry = timers.after(this.#backoff.next(), () => void this.#open())
    }
  }

  async #showAll(files: readonly string[]): Promise<void> {
    for (const file of files) {
      if (this.#events === null) return
      await this.#show(join(this.#options.folder, file))
    }
  }

  async #show(file: string): Promise<void> {
    const { decoder, loadPicture, nowMs } = this.#options
    const startedAtMs = nowMs()
    try {
      const bytes = await decoder.decode(await loadPicture(file), 'full')
      this.#announce({ state: 'ready' })
      if (bytes !== null && bytes.length > 0)
        this.#events?.onReading({ bytes, reader: this.name, startedAtMs, readMs: nowMs() - startedAtMs })
    } catch (error) {
      this.#announce({ state: 'fault', detail: describeError(error) })
    }
  }

  #announce(state: ReaderState): void {
    if (this.#state === state.state) return
    this.#state = state.state
    this.#events?.onState(state)
  }
}
