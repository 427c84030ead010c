import { concatBytes, utf8 } from '@ankang/protocol'
import type { CodeSource } from './code-source.ts'
import type { PtyPair } from './pty-pair.ts'

const CARRIAGE_RETURN = utf8('\r')

/** A line scanner: what it sees leaves byte by byte, and a delimiter after it. */
export class VirtualScanner implements CodeSource {
  readonly #line: PtyPair

  constructor(line: PtyPair) {
    this.#line = line
  }

  present(code: Uint8Array): Promise<void> {
    return this.#line.write(concatBytes(code, CARRIAGE_RETURN))
  }

  /** A scanner beeps once and has nothing to take away. */
  async remove(): Promise<void> {}

  close(): Promise<void> {
    return this.#line.close()
  }
}
