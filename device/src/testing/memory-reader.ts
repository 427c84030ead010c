import { UsageError } from '@ankang/protocol'
import type { Reader, ReaderEvents, ReaderState } from '../ports/reader.ts'

/** A reader without hardware: a test presents codes and breaks it. */
export class MemoryReader implements Reader {
  readonly name: string
  readonly #nowMs: () => number
  #events: ReaderEvents | null = null
  #broken: ReaderState | null = null

  constructor(name: string, nowMs: () => number = () => performance.now()) {
    this.name = name
    this.#nowMs = nowMs
  }

  async start(events: ReaderEvents): Promise<void> {
    if (this.#events !== null)
      throw new UsageError('reader-started', `reader ${this.name} is started already; stop it before starting it again`)
    this.#events = events
    events.onState(this.#broken ?? { state: 'ready' })
  }

  async stop(): Promise<void> {
    this.#events = null
  }

  /** Shows a code, whole and at once. Nothing comes of it while the reader is broken or stopped. */
  present(bytes: Uint8Array): void {
    if (this.#broken !== null || bytes.length === 0) return
    const startedAtMs = this.#nowMs()
    this.#events?.onReading({ bytes, reader: this.name, startedAtMs, readMs: this.#nowMs() - startedAtMs })
  }

  /** The hardware goes away. */
  fail(detail: string): void {
    if (this.#broken !== null) return
    this.#broken = { state: 'fault', detail }
    this.#events?.onState(this.#broken)
  }

  /** The hardware is back. */
  recover(): void {
    if (this.#broken === null) return
    this.#broken = null
    this.#events?.onState({ state: 'ready' })
  }
}
