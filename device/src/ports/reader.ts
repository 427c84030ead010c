/** One code as a reader delivered it. */
export interface Reading {
  /** Never trimmed: space is a base45 digit. */
  readonly bytes: Uint8Array
  /** Name of the reader in the configuration. */
  readonly reader: string
  /** `performance.now()` when its first byte, or the frame that holds it, came in. */
  readonly startedAtMs: number
  /** From there until the code was whole and decoded. */
  readonly readMs: number
}

export type ReaderState = { readonly state: 'ready' } | { readonly state: 'fault'; readonly detail: string }

export interface ReaderEvents {
  onReading(reading: Reading): void
  /** Called on every change. A fault is announced once; the reader goes on trying by itself. */
  onState(state: ReaderState): void
}

/**
 * Something that reads codes: a scanner on a line, a camera.
 *
 * Contract: `start` resolves once the first state was announced, ready or fault, and throws only on a configuration that
 * can never work. A reader that loses its hardware announces a fault and comes back without a restart. A reading is
 * delivered whole or not at all; over-long or broken input is dropped and announced, and the next code is read as if
 * nothing had been. One presented code is one reading, however long it stays in front of a camera. After `stop`
 * resolves nothing is delivered and no handle is open; `stop` may be called twice.
 */
export interface Reader {
  readonly name: string
  start(events: ReaderEvents): Promise<void>
  stop(): Promise<void>
}
