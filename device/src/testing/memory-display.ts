import type { Display, DisplayMessage } from '../ports/display.ts'
import { NewestOnly } from '../timing/newest-only.ts'
import { MemoryFailure } from './memory-failure.ts'

/** A glass without hardware: what a person would have seen stands in `shown`, in order. */
export class MemoryDisplay implements Display {
  readonly shown: DisplayMessage[] = []
  readonly failure = new MemoryFailure('display-failed', 'the display in memory was told to fail')
  readonly #drawing = new NewestOnly<DisplayMessage>(message => this.#draw(message))
  #held: Promise<void> = Promise.resolve()

  /** Draws nothing more until the returned function is called: a slow glass. */
  hold(): () => void {
    let release = (): void => undefined
    this.#held = new Promise(resolve => {
      release = resolve
    })
    return release
  }

  show(message: DisplayMessage): Promise<void> {
    return this.#drawing.submit(message)
  }

  close(): Promise<void> {
    return this.#drawing.settled()
  }

  async #draw(message: DisplayMessage): Promise<void> {
    await this.#held
    this.failure.check()
    this.shown.push(message)
  }
}
