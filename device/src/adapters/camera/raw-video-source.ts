import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { describeError, UsageError } from '@ankang/protocol'
import { FrameCutter, type StreamFrame } from '../../framing/frame-cutter.ts'
import type { ReaderState } from '../../ports/reader.ts'
import { Backoff } from '../../timing/backoff.ts'
import { type CancelTimer, systemTimers, type Timers } from '../../timing/timers.ts'

export interface RawVideoOptions {
  /** Program and arguments; it writes raw gray frames to its standard output until it is killed. */
  readonly command: readonly string[]
  /** Folder it runs in. */
  readonly cwd: string
  readonly width: number
  readonly height: number
  /** Without a frame for this long the program is taken for stuck and started anew. */
  readonly stallMs: number
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly timers?: Timers
}

export interface VideoEvents {
  /** The newest frame; it is the receiver's until released. */
  onFrame(frame: StreamFrame): void
  /** Every change. Ready means at first that the program runs, after a fault that a frame has come. */
  onState(state: ReaderState): void
}

type VideoProcess = ChildProcessByStdio<null, Readable, Readable>

const RETRY = { firstMs: 100, maxMs: 5_000 }
/** Between asking the program to end and ending it. */
const GRACE_MS = 1_000
const MAX_COMPLAINT_CHARS = 300

/** Frames from a program's standard output: a camera's grabber, or anything that writes like one. */
export class RawVideoSource {
  readonly #options: RawVideoOptions
  readonly #program: string
  readonly #timers: Timers
  readonly #cutter: FrameCutter
  readonly #backoff = new Backoff(RETRY)
  #events: VideoEvents | null = null
  #process: VideoProcess | null = null
  #exited: Promise<void> = Promise.resolve()
  #state: ReaderState['state'] | null = null
  #complaint = ''
  #cancelStall: CancelTimer | null = null
  #cancelRetry: CancelTimer | null = null

  constructor(options: RawVideoOptions) {
    const program = options.command[0]
    if (program === undefined)
      throw new UsageError('camera-command-empty', 'the camera needs a command, such as ["ffmpeg", …]; it is empty')
    this.#options = options
    this.#program = program
    this.#timers = options.timers ?? systemTimers
    this.#cutter = new FrameCutter(options.width, options.height)
  }

  /** Resolves when the first state was announced. */
  async start(events: VideoEvents): Promise<void> {
    if (this.#events !== null)
      throw new UsageError('camera-started', 'the camera is started already; stop it before starting it again')
    this.#events = events
    await this.#launch()
  }

  async stop(): Promise<void> {
    this.#events = null
    this.#state = null
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#dismiss()
    await this.#exited
  }

  async #launch(): Promise<void> {
    const { command, cwd, nowMs } = this.#options
    this.#complaint = ''
    const child = spawn(this.#program, command.slice(1), { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    this.#exited = new Promise(resolve => child.once('close', () => resolve()))
    child.stdout.on('data', (chunk: Uint8Array) => {
      if (this.#process === child) this.#received(this.#cutter.push(chunk, nowMs()))
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaint = `${this.#complaint}${chunk.toString()}`.slice(-MAX_COMPLAINT_CHARS)
    })
    child.once('close', (code, signal) => this.#failed(child, `ended (${signal ?? `exit code ${code}`})`))
    const failure = await new Promise<Error | null>(resolve => {
      child.once('spawn', () => resolve(null))
      child.on('error', resolve)
    })
    if (this.#process !== child) return
    if (failure !== null) return this.#failed(child, `does not start: ${describeError(failure)}`)
    this.#timeStall(child)
    if (this.#state === null) this.#announce({ state: 'ready' })
  }

  #received(frames: readonly StreamFrame[]): void {
    const newest = frames.at(-1)
    if (newest === undefined) return
    for (const frame of frames) if (frame !== newest) frame.release()
    this.#backoff.succeeded()
    this.#announce({ state: 'ready' })
    if (this.#process !== null) this.#timeStall(this.#process)
    if (this.#events === null) newest.release()
    else this.#events.onFrame(newest)
  }

  #timeStall(child: VideoProcess): void {
    this.#cancelStall?.()
    this.#cancelStall = this.#timers.after(this.#options.stallMs, () =>
      this.#failed(child, `gave no frame for ${this.#options.stallMs} ms`),
    )
  }

  #failed(child: VideoProcess, how: string): void {
    if (this.#process !== child) return
    this.#dismiss()
    const complaint = this.#complaint.trim()
    const { width, height } = this.#options
    this.#announce({
      state: 'fault',
      detail: `the camera program ${this.#program} ${how}; expected gray frames of ${width}×${height}${complaint === '' ? '' : `; it said: ${complaint}`}`,
    })
    const before = this.#exited
    this.#cancelRetry = this.#timers.after(this.#backoff.next(), async () => {
      await before // two grabbers at one camera would both fail
      if (this.#events !== null) await this.#launch()
    })
  }

  /** Lets go of the program and sees that it ends. */
  #dismiss(): void {
    this.#cancelStall?.()
    this.#cancelStall = null
    this.#cutter.reset()
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const cancelKill = this.#timers.after(GRACE_MS, () => child.kill('SIGKILL'))
    child.once('close', cancelKill)
  }

  #announce(state: ReaderState): void {
    if (this.#state === state.state) return
    this.#state = state.state
    this.#events?.onState(state)
  }
}
