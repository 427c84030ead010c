import { EnvironmentError } from '@ankang/protocol'

/** A switch by which a test makes a twin fail as its hardware would. */
export class MemoryFailure {
  readonly #code: string
  readonly #message: string
  #on = false

  constructor(code: string, message: string) {
    this.#code = code
    this.#message = message
  }

  begin(): void {
    this.#on = true
  }

  end(): void {
    this.#on = false
  }

  /** Throws while the failure lasts. */
  check(): void {
    if (this.#on) throw new EnvironmentError(this.#code, this.#message, { retryable: true })
  }
}
