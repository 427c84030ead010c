import { UsageError } from '@ankang/protocol'
import { RepeatHold } from '../../framing/repeat-hold.ts'
import type { Reader, ReaderEvents } from '../../ports/reader.ts'
import { SerialLine, type SerialLineOptions } from './serial-line.ts'

export interface LineReaderOptions extends SerialLineOptions {
  readonly name: string
  /** The same code again sooner than this after it last came is the same showing; 0, the default, makes each its own. */
  readonly holdMs?: number
}

/** A scanner on a serial line. Comes back by itself when it is plugged in again. */
export class LineReader implements Reader {
  readonly name: string
  readonly #options: LineReaderOptions
  readonly #line: SerialLine

  constructor(options: LineReaderOptions) {
    this.name = options.name
    this.#options = options
    this.#line = new SerialLine(options, { sender: 'scanner', message: 'a code' })
  }

  async start(events: ReaderEvents): Promise<void> {
    if (this.#line.isStarted)
      throw new UsageError('reader-started', `reader ${this.name} is started already; stop it before starting it again`)
    const hold = new RepeatHold(this.#options.holdMs ?? 0)
    await this.#line.start({
      onState: state => events.onState(state),
      onFrame: ({ bytes, startedAtMs }) => {
        if (!hold.isNewShowing(bytes, startedAtMs)) return
        events.onReading({ bytes, reader: this.name, startedAtMs, readMs: this.#options.nowMs() - startedAtMs })
      },
    })
  }

  stop(): Promise<void> {
    return this.#line.stop()
  }
}
