import { describeError, EnvironmentError, UsageError } from '@ankang/protocol'
import type { SerialPort } from 'serialport'
import { type LineDelimiter, type LineEvent, LineFramer } from '../../framing/line-framer.ts'
import type { Reader, ReaderEvents, ReaderState } from '../../ports/reader.ts'
import { Backoff } from '../../timing/backoff.ts'
import { type CancelTimer, systemTimers, type Timers } from '../../timing/timers.ts'
import { makeLine } from './make-line.ts'

export interface LineReaderOptions {
  readonly name: string
  /** Best one of /dev/serial/by-id, which stays with the scanner. */
  readonly path: string
  readonly baudRate: number
  readonly delimiter: LineDelimiter
  /** Silence that ends what is unfinished: with `idle` as a code, else as a broken one. */
  readonly idleGapMs: number
  readonly maxBytes: number
  /** Monotonic milliseconds, the clock of `Reading.startedAtMs`. */
  readonly nowMs: () => number
  readonly timers?: Timers
}

const RETRY = { firstMs: 100, maxMs: 5_000 }

/** A scanner on a serial line. Comes back by itself when it is plugged in again. */
export class LineReader implements Reader {
  readonly name: string
  readonly #options: LineReaderOptions
  readonly #timers: Timers
  readonly #framer: LineFramer
  readonly #backoff = new Backoff(RETRY)
  #events: ReaderEvents | null = null
  #port: SerialPort | null = null
  #state: ReaderState['state'] | null = null
  #cancelRetry: CancelTimer | null = null
  #cancelGap: CancelTimer | null = null
  #opening: Promise<void> = Promise.resolve()

  constructor(options: LineReaderOptions) {
    this.name = options.name
    this.#options = options
    this.#timers = options.timers ?? systemTimers
    this.#framer = new LineFramer(options)
  }

  async start(events: ReaderEvents): Promise<void> {
    if (this.#events !== null)
      throw new UsageError('reader-started', `reader ${this.name} is started already; stop it before starting it again`)
    this.#events = events
    this.#opening = this.#open()
    await this.#opening
  }

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
    const port = makeLine(path, baudRate)
    this.#port = port
    port.on('data', (chunk: Uint8Array) => this.#received(port, chunk))
    port.on('error', error => this.#lost(port, `the line ${path} failed: ${describeError(error)}`))
    port.on('close', () => this.#lost(port, `the line ${path} went away; plug the scanner in again`))
    try {
      await opened(port)
    } catch (error) {
      this.#lost(port, `the line ${path} does not open: ${describeError(error)}; check that the scanner is plugged in`)
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
        this.#events?.onReading({
          bytes: event.bytes,
          reader: this.name,
          startedAtMs: event.startedAtMs,
          readMs: this.#options.nowMs() - event.startedAtMs,
        })
      } else if (event.kind === 'resumed') this.#announce({ state: 'ready' })
      else {
        this.#announce({ state: 'fault', detail: this.#droppedDetail(event.why) })
        if (event.why === 'incomplete') this.#announce({ state: 'ready' })
      }
    }
  }

  #droppedDetail(why: 'too-long' | 'incomplete'): string {
    const { delimiter, maxBytes, idleGapMs } = this.#options
    return why === 'too-long'
      ? `more than ${maxBytes} bytes came without the end of a code (${delimiter}) and were dropped; check the scanner's suffix and baud rate`
      : `a code stopped without its end (${delimiter}) for ${idleGapMs} ms and was dropped; check the scanner's suffix and cable`
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
