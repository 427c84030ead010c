import { describeError, UsageError } from '@ankang/protocol'
import { CodeHold } from '../../framing/code-hold.ts'
import type { StreamFrame } from '../../framing/frame-cutter.ts'
import type { DecodeEffort, FrameDecoder } from '../../framing/frame-decoder.ts'
import type { Reader, ReaderEvents, ReaderState } from '../../ports/reader.ts'
import type { Timers } from '../../timing/timers.ts'
import { RawVideoSource } from './raw-video-source.ts'

export interface CameraReaderOptions {
  readonly name: string
  /** Program and arguments that write raw 8-bit gray frames of width × height to standard output. */
  readonly command: readonly string[]
  readonly cwd: string
  readonly width: number
  readonly height: number
  /** A code out of view for no longer than this is still the same showing. */
  readonly holdMs: number
  readonly stallMs?: number
  /** Every so many frames the decoder gives its full effort. */
  readonly fullEveryFrames?: number
  /** Owned by the reader from here on: closed with it. */
  readonly decoder: FrameDecoder
  /** Monotonic milliseconds, the clock of `Reading.startedAtMs`. */
  readonly nowMs: () => number
  readonly timers?: Timers
}

const DEFAULT_STALL_MS = 5_000
const DEFAULT_FULL_EVERY_FRAMES = 4

/** Codes held before a camera. While one frame is being decoded only the newest of the others waits. */
export class CameraReader implements Reader {
  readonly name: string
  readonly #options: CameraReaderOptions
  readonly #video: RawVideoSource
  readonly #hold: CodeHold
  #events: ReaderEvents | null = null
  #next: StreamFrame | null = null
  #decoding: Promise<void> | null = null
  #frames = 0
  #videoState: ReaderState | null = null
  #decoderFault: string | null = null
  #announced: ReaderState['state'] | null = null

  constructor(options: CameraReaderOptions) {
    this.name = options.name
    this.#options = options
    this.#video = new RawVideoSource({ ...options, stallMs: options.stallMs ?? DEFAULT_STALL_MS })
    this.#hold = new CodeHold(options.holdMs)
  }

  async start(events: ReaderEvents): Promise<void> {
    if (this.#events !== null)
      throw new UsageError('reader-started', `reader ${this.name} is started already; a camera is started once`)
    this.#events = events
    await this.#video.start({
      onFrame: frame => this.#offer(frame),
      onState: state => {
        this.#videoState = state
        this.#announce()
      },
    })
  }

  async stop(): Promise<void> {
    this.#events = null
    await this.#video.stop()
    this.#next?.release()
    this.#next = null
    await this.#options.decoder.close() // first: a decoder that hangs is let go by it
    await this.#decoding
  }

  #offer(frame: StreamFrame): void {
    this.#next?.release()
    this.#next = frame
    this.#decoding ??= this.#decodeNewest()
  }

  async #decodeNewest(): Promise<void> {
    while (this.#next !== null) {
      const frame = this.#next
      this.#next = null
      await this.#decode(frame)
      frame.release()
    }
    this.#decoding = null
  }

  async #decode(frame: StreamFrame): Promise<void> {
    this.#frames += 1
    const fullEvery = this.#options.fullEveryFrames ?? DEFAULT_FULL_EVERY_FRAMES
    const effort: DecodeEffort = this.#frames % fullEvery === 0 ? 'full' : 'quick'
    try {
      const bytes = await this.#options.decoder.decode(frame, effort)
      this.#decoderFault = null
      this.#announce()
      const code = bytes !== null && bytes.length > 0 ? bytes : null
      if (this.#hold.look(code, frame.startedAtMs) && code !== null) this.#deliver(code, frame)
    } catch (error) {
      this.#decoderFault = describeError(error)
      this.#announce()
    }
  }

  #deliver(bytes: Uint8Array, { startedAtMs }: StreamFrame): void {
    const readMs = this.#options.nowMs() - startedAtMs
    this.#events?.onReading({ bytes, reader: this.name, startedAtMs, readMs })
  }

  /** Ready when both the pictures come and the decoder works. */
  #announce(): void {
    const { state, detail } = this.#fault()
    if (this.#announced === state || this.#events === null) return
    this.#announced = state
    this.#events.onState(state === 'ready' ? { state } : { state, detail })
  }

  #fault(): { state: ReaderState['state']; detail: string } {
    if (this.#videoState?.state === 'fault') return this.#videoState
    return this.#decoderFault === null ? { state: 'ready', detail: '' } : { state: 'fault', detail: this.#decoderFault }
  }
}
