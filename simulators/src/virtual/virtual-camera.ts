import { setTimeout as delay } from 'node:timers/promises'
import type { SeededDraw } from '../city/seeded-draw.ts'
import { codeFrame, drawPose, emptyFrame, type FrameSize } from './camera-frame.ts'
import type { CodeSource } from './code-source.ts'
import { FramePipe } from './frame-pipe.ts'

/** Between two frames: fifteen a second, as small cameras give indoors. */
const FRAME_INTERVAL_MS = 66
/** Out of sight for so much longer than the camera holds a code: a busy device looks at fewer frames than there are. */
const HOLD_MARGIN_MS = 500

export interface VirtualCameraOptions {
  readonly path: string
  readonly size: FrameSize
  /** How long the device holds a code it has lost sight of. */
  readonly holdMs: number
  readonly draw: SeededDraw
}

/** A camera: raw gray frames into a named pipe, with and without a code in sight, whether or not anybody reads. */
export class VirtualCamera implements CodeSource {
  readonly #pipe: FramePipe
  readonly #options: VirtualCameraOptions
  readonly #running: Promise<void>
  #view: Uint8Array
  #frames = 0
  #wake = new AbortController()
  #closed = false

  constructor(options: VirtualCameraOptions) {
    this.#options = options
    this.#pipe = FramePipe.make(options.path)
    this.#view = emptyFrame(options.size, 0)
    this.#running = this.#run()
  }

  async present(code: Uint8Array): Promise<void> {
    const { size, draw } = this.#options
    this.#show(await codeFrame(code, size, drawPose(draw), this.#frames))
  }

  async remove(): Promise<void> {
    this.#show(emptyFrame(this.#options.size, this.#frames))
    await delay(this.#options.holdMs + HOLD_MARGIN_MS)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#wake.abort()
    this.#pipe.close()
    await this.#running
  }

  /** A new view does not wait for the next turn. */
  #show(view: Uint8Array): void {
    this.#view = view
    this.#wake.abort()
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      this.#wake = new AbortController()
      await this.#pipe.write(this.#view)
      this.#frames++
      await delay(FRAME_INTERVAL_MS, undefined, { signal: this.#wake.signal }).catch(() => undefined)
    }
  }
}
