import type { Voice } from '../../ports/voice.ts'
import { appendLine } from './append-line.ts'

export interface RecorderVoiceOptions {
  readonly file: string
  /** Unix milliseconds. */
  readonly nowMs: () => number
}

/** A voice without a loudspeaker: every clip is a JSON line {"atMs", "clip"}. */
export class RecorderVoice implements Voice {
  readonly #options: RecorderVoiceOptions

  constructor(options: RecorderVoiceOptions) {
    this.#options = options
  }

  async play(clip: string): Promise<void> {
    appendLine(this.#options.file, { atMs: this.#options.nowMs(), clip })
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
}
