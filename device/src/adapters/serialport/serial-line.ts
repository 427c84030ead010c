import { describeError, EnvironmentError } from '@ankang/protocol'
import type { SerialPort } from 'serialport'
import { type LineEvent, type LineFrame, LineFramer, type LineFraming } from '../../framing/line-framer.ts'
import type { ReaderState } from '../../ports/reader.ts'
import { Backoff } from '../../timing/backoff.ts'
import { type CancelTimer, systemTimers, type Timers } from '../../timing/timers.ts'
import { makeLine } from './make-line.ts'

export interface SerialLineOptions extends LineFraming {
  /** Best one of /dev/serial/by-id, which stays with what is plugged in. */
  readonly path: string
  readonly baudRate: number
  /** Silence that ends what is unfinished: with `idle` as a frame, else as a broken one. */
  readonly idleGapMs: number
  /** Monotonic milliseconds, the clock of `LineFrame.startedAtMs`. */
  readonly nowMs: () => number
  readonly timers?: Timers
}

/** What a fault calls things, so that whoever reads it knows where to look. */
export interface LineWords {
  /** What is plugged in, as in "check that the … is plugged in". */
  readonly sender: string
  /** What it sends, with its article: "a code". */
  readonly message: string
}

export interface SerialLineEvents {
  onFrame(frame: LineFrame): void
  /** Called on every change. */
  onState(state: ReaderState): void
}

const RETRY = { firstMs: 100, maxMs: 5_000 }

/**
 * A serial line that delivers frames. It opens by itself again when what was plugged in is back, and announces a fault
 * once. What has begun when the line is lost is forgotten.
 */
export class SerialLine {
  readonly #options: SerialLineOptions
  readonly #words: LineWords
  readonly #timers: Timers
  readonly #framer: LineFramer
  readonly #backoff = new Backoff(RETRY)
  #events: SerialLineEvents | null = null
  #port: SerialPort | null = null
  #state: ReaderState['state'] | null = null
  #cancelRetry: CancelTimer | null = null
  #cancelGap: CancelTimer | null = null
  #opening: Promise<void> = Promise.resolve()

  constructor(options: SerialLineOptions, words: LineWords) {
    this.#options = options
    this.#words = words
    this.#timers = options.timers ?? systemTimers
    this.#framer = new LineFramer(options)
  }

  /** Between `start` and `stop`. Its owner asks first: a line that is started must not be started again. */
  get isStarted(): boolean {
    return this.#events !== null
  }

  /** Resolves once the first state was announced. */
  async start(events: SerialLineEvents): Promise<void> {
    this.#events = events
    this.#opening = this.#open()
    await this.#opening
  }

  /** Afterwards nothing is delivered and no handle is open; may be called twice. */
  async stop(): Promise<void> {
    this.#events = null
    this.#state = null
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#forgetLine()
    const port = this.#port
    this.#port = null
    await this.#opening
    if (port !== null) await closed(port)
  }

  async #open(): Promise<void> {
    const { path, baudRate } = this.#options
    const { sender } = this.#words
    const port = makeLine(path, baudRate)
    this.#port = port
    port.on('data', (chunk: Uint8Array) => this.#received(port, chunk))
    port.on('error', error => this.#lost(port, `the line ${path} failed: ${describeError(error)}`))
    port.on('close', () => this.#lost(port, `the line ${path} went away; plug the ${sender} in again`))
    try {
      await opened(port)
    } catch (error) {
      const detail = `the line ${path} does not open: ${describeError(error)}`
      this.#lost(port, `${detail}; check that the ${sender} is plugged in`)
      return
    }
    if (this.#port !== port) return // stopped or lost while it was opening
    this.#backoff.succeeded()
    this.#announce({ state: 'ready' })
  }

  #lost(port: SerialPort, detail: string): void {
    if (this.#port !== port) return
    this.#port = null
    this.#forgetLine()
    if (port.isOpen) port.close()
    this.#announce({ state: 'fault', detail })
    this.#cancelRetry = this.#timers.after(this.#backoff.next(), () => {
      this.#opening = this.#open()
    })
  }

  #received(port: SerialPort, chunk: Uint8Array): void {
    if (this.#port !== port) return
    this.#deliver(this.#framer.push(chunk, this.#options.nowMs()))
    this.#timeGap()
  }

  #timeGap(): void {
    this.#cancelGap?.()
    this.#cancelGap = null
    if (!this.#framer.isWaiting) return
    const { idleGapMs, nowMs } = this.#options
    const dueMs = nowMs() + idleGapMs
    this.#cancelGap = this.#timers.after(idleGapMs, () => {
      // A late timer says that our own loop stood still: the bytes may be waiting in the kernel, the line was not silent.
      if (nowMs() - dueMs > idleGapMs / 2) this.#timeGap()
      else this.#deliver(this.#framer.silence())
    })
  }

  #forgetLine(): void {
    this.#cancelGap?.()
    this.#cancelGap = null
    this.#framer.reset()
  }

  #deliver(events: readonly LineEvent[]): void {
    for (const event of events) {
      if (event.kind === 'frame') {
        this.#announce({ state: 'ready' })
        this.#events?.onFrame(event)
      } else if (event.kind === 'resumed') this.#announce({ state: 'ready' })
      else {
        this.#announce({ state: 'fault', detail: this.#droppedDetail(event.why) })
        if (event.why === 'incomplete') this.#announce({ state: 'ready' })
      }
    }
  }

  #droppedDetail(why: 'too-long' | 'incomplete'): string {
    const { delimiter, maxBytes, idleGapMs } = this.#options
    const { sender, message } = this.#words
    return why === 'too-long'
      ? `more than ${maxBytes} bytes came without the end of ${message} (${delimiter}) and were dropped; check the ${sender}'s suffix and baud rate`
      : `${message} stopped without its end (${delimiter}) for ${idleGapMs} ms and was dropped; check the ${sender}'s suffix and cable`
  }

  #announce(state: ReaderState): void {
    if (this.#state === state.state) return
    this.#state = state.state
    this.#events?.onState(state)
  }
}

function opened(port: SerialPort): Promise<void> {
  return new Promise((resolve, reject) => port.open(error => (error === null ? resolve() : reject(error))))
}

function closed(port: SerialPort): Promise<void> {
  if (!port.isOpen) return Promise.resolve()
  return new Promise((resolve, reject) =>
    port.close(error =>
      error === null
        ? resolve()
        : reject(
            new EnvironmentError('line-not-closed', `the line ${port.path} did not close`, {
              cause: error,
              retryable: false,
            }),
          ),
    ),
  )
}
