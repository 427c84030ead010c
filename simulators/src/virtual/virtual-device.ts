import type { VehicleSentence } from '@ankang/device/parts'
import { equalBytes, OUTCOMES } from '@ankang/protocol'
import * as v from 'valibot'
import type { CodeSource } from './code-source.ts'
import { type LogLine, type ProgramListeners, ProgramProcess } from './program-process.ts'
import { DEVICE_PROGRAM } from './programs.ts'

const READY_TIMEOUT_MS = 20_000
/** The program asks whoever supervises it to start it anew. */
const RESTART_EXIT_CODE = 75
/** Many times what the slowest reader takes; past it a showing is lost. */
const SHOWING_TIMEOUT_MS = 15_000

export const STAGES = ['read', 'recognise', 'verify', 'decide', 'record', 'total'] as const
export type Stage = (typeof STAGES)[number]

const stageTimes = v.object({
  read: v.number(),
  recognise: v.number(),
  verify: v.number(),
  decide: v.number(),
  record: v.number(),
  total: v.number(),
} satisfies Record<Stage, unknown>)

const SHOWING = v.object({
  event: v.literal('showing'),
  /** Null for junk that shares a record. */
  seq: v.nullable(v.number()),
  outcome: v.picklist(OUTCOMES),
  reason: v.string(),
  reader: v.string(),
  stages: stageTimes,
})
const CONFIRMED = v.object({ event: v.literal('confirmed'), through: v.number(), backlog: v.number() })

const VEHICLE = v.object({
  event: v.literal('vehicle'),
  position: v.nullable(v.object({ line: v.string(), run: v.string(), direction: v.string(), stop: v.number() })),
  keyPressedAtMs: v.nullable(v.number()),
})

/** The centre's word, as the device accepted it: what it holds, and how much it does not yet. */
type Confirmation = v.InferOutput<typeof CONFIRMED>

/** What a device says of one showing. */
export type ShowingEvent = v.InferOutput<typeof SHOWING>

export interface VirtualDeviceOptions extends ProgramListeners {
  readonly device: string
  readonly configFile: string
  /** The hardware its reader is on; unplugged when the device is stopped. */
  readonly source: CodeSource
}

/** The real device program on virtual hardware, one code at a time. */
export class VirtualDevice {
  readonly device: string
  /** Showings the device has announced since this was made, restarts included. */
  showings = 0
  readonly #options: VirtualDeviceOptions
  #process: ProgramProcess
  #last: Uint8Array | null = null
  #confirmed: Confirmation | null = null

  private constructor(options: VirtualDeviceOptions) {
    this.device = options.device
    this.#options = options
    this.#process = this.#spawn()
  }

  /** Resolves when the device is ready. Throws `program-silent`, `program-ended`. */
  static async start(options: VirtualDeviceOptions): Promise<VirtualDevice> {
    const device = new VirtualDevice(options)
    try {
      await device.#ready()
      return device
    } catch (error) {
      await device.stop()
      throw error
    }
  }

  /** Process id of the program that runs now. */
  get pid(): number {
    return this.#process.pid
  }

  /** Holds a code to the reader until the device says what became of it. */
  async present(code: Uint8Array): Promise<ShowingEvent> {
    if (this.#last !== null && equalBytes(code, this.#last)) await this.#options.source.remove()
    this.#last = code
    const shown = this.#process.waitFor(readShowing, '核验结果 showing', SHOWING_TIMEOUT_MS)
    const [event] = await Promise.all([shown, this.#options.source.present(code)])
    return event
  }

  /** Nobody is at the reader any more. */
  async clear(): Promise<void> {
    await this.#options.source.remove()
    this.#last = null
  }

  /** Resolves when the device says that it has heard this from its vehicle. Throws `program-silent`, `program-ended`. */
  async waitForVehicle(sentence: VehicleSentence): Promise<void> {
    await this.#process.waitFor(
      line => (isNewsOf(sentence, line) ? true : null),
      '车载信息 news of the vehicle',
      SHOWING_TIMEOUT_MS,
    )
  }

  /** Resolves when the centre has confirmed every record through `seq`. Throws `program-silent`, `program-ended`. */
  waitForReceipt(seq: number, timeoutMs: number): Promise<void> {
    return this.#untilConfirmed(
      ({ through }) => through >= seq,
      `第 ${seq} 条记录的回执 receipt for record ${seq}`,
      timeoutMs,
    )
  }

  /** Resolves when the centre has all that earlier runs left in the journal. Throws `program-silent`, `program-ended`. */
  waitUntilSettled(timeoutMs: number): Promise<void> {
    return this.#untilConfirmed(({ backlog }) => backlog === 0, '以往记录的回执 receipt for earlier records', timeoutMs)
  }

  /** Stops the program and starts it again. What is held to a camera stays there, and is read again: `clear` first. */
  async restart(): Promise<void> {
    await this.#process.stop()
    this.#confirmed = null
    this.#process = this.#spawn()
    await this.#ready()
  }

  /** Stops the program, then unplugs its hardware. */
  async stop(): Promise<void> {
    await this.#process.stop()
    await this.#options.source.close()
  }

  #spawn(): ProgramProcess {
    return new ProgramProcess({
      name: this.device,
      program: DEVICE_PROGRAM,
      configFile: this.#options.configFile,
      onText: this.#options.onText,
      onFailed: error => {
        if (error.details['exitCode'] === RESTART_EXIT_CODE) this.#process = this.#spawn()
        else this.#options.onFailed?.(error)
      },
      onLine: line => this.#note(line),
    })
  }

  #ready(): Promise<true> {
    return this.#process.waitFor(line => (line.event === 'ready' ? true : null), '就绪 ready line', READY_TIMEOUT_MS)
  }

  async #untilConfirmed(wanted: (word: Confirmation) => boolean, what: string, timeoutMs: number): Promise<void> {
    if (this.#confirmed !== null && wanted(this.#confirmed)) return
    const read = (line: LogLine): true | null => {
      const word = v.safeParse(CONFIRMED, line)
      return word.success && wanted(word.output) ? true : null
    }
    await this.#process.waitFor(read, what, timeoutMs)
  }

  #note(line: LogLine): void {
    if (line.event === 'showing') this.showings++
    const confirmed = v.safeParse(CONFIRMED, line)
    if (confirmed.success) this.#confirmed = confirmed.output
  }
}

function isNewsOf(sentence: VehicleSentence, line: LogLine): boolean {
  const news = v.safeParse(VEHICLE, line)
  if (!news.success) return false
  const { position, keyPressedAtMs } = news.output
  if (sentence.kind === 'key') return keyPressedAtMs !== null
  const { run, stop } = sentence.position
  return position !== null && position.run === run && position.stop === stop
}

function readShowing(line: LogLine): ShowingEvent | null {
  const showing = v.safeParse(SHOWING, line)
  return showing.success ? showing.output : null
}
