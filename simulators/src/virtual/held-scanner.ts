import { setTimeout as delay } from 'node:timers/promises'
import type { PtyPair } from './pty-pair.ts'
import { VirtualScanner } from './virtual-scanner.ts'

/** Beyond the hold, for a device that is late in reading. */
const HOLD_MARGIN_MS = 300

/** A scanner that reads without pause: the same code counts as shown again only after the device's hold. */
export class HeldScanner extends VirtualScanner {
  readonly #holdMs: number

  constructor(line: PtyPair, holdMs: number) {
    super(line)
    this.#holdMs = holdMs
  }

  override async remove(): Promise<void> {
    await delay(this.#holdMs + HOLD_MARGIN_MS)
  }
}
