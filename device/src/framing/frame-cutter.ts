import { type GrayFrame, makeSharedFrame, type SharedFrame } from './gray-frame.ts'

/** A frame of a stream. Whoever got it gives its memory back with `release`, once, when done. */
export interface StreamFrame extends GrayFrame {
  /** Monotonic milliseconds at which its first byte came. */
  readonly startedAtMs: number
  release(): void
}

/** Cuts a raw stream of gray frames of one size into frames, in a few buffers that go round. */
export class FrameCutter {
  readonly #width: number
  readonly #height: number
  readonly #free: SharedFrame[] = []
  #filling: SharedFrame
  #length = 0
  #startedAtMs = 0

  constructor(width: number, height: number) {
    this.#width = width
    this.#height = height
    this.#filling = this.#takeBuffer()
  }

  push(chunk: Uint8Array, nowMs: number): StreamFrame[] {
    const frames: StreamFrame[] = []
    let at = 0
    while (at < chunk.length) {
      const { pixels } = this.#filling
      if (this.#length === 0) this.#startedAtMs = nowMs
      const part = chunk.subarray(at, at + pixels.length - this.#length)
      pixels.set(part, this.#length)
      this.#length += part.length
      at += part.length
      if (this.#length === pixels.length) frames.push(this.#finish())
    }
    return frames
  }

  /** The stream broke off: what has begun is no frame. */
  reset(): void {
    this.#length = 0
  }

  #finish(): StreamFrame {
    const frame = this.#filling
    this.#filling = this.#takeBuffer()
    this.#length = 0
    let held = true
    const release = (): void => {
      if (held) this.#free.push(frame)
      held = false
    }
    return { ...frame, startedAtMs: this.#startedAtMs, release }
  }

  #takeBuffer(): SharedFrame {
    return this.#free.pop() ?? makeSharedFrame(this.#width, this.#height)
  }
}
