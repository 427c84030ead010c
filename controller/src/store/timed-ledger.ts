import type { Extension, Fork, KeptHead, Ledger, NewEpoch, StoredEpoch } from './ledger.ts'

/** A ledger whose commits are timed, from their beginning until they are on disk. */
export class TimedLedger implements Ledger {
  readonly #ledger: Ledger
  readonly #onCommit: (seconds: number) => void

  constructor(ledger: Ledger, onCommit: (seconds: number) => void) {
    this.#ledger = ledger
    this.#onCommit = onCommit
  }

  commit<T>(work: () => T): T {
    const startMs = performance.now()
    const result = this.#ledger.commit(work)
    this.#onCommit((performance.now() - startMs) / 1000)
    return result
  }

  findEpoch(device: string, epoch: Uint8Array): StoredEpoch | null {
    return this.#ledger.findEpoch(device, epoch)
  }

  hasEpoch(device: string, publicKey: Uint8Array): boolean {
    return this.#ledger.hasEpoch(device, publicKey)
  }

  linkAt(epoch: StoredEpoch, seq: number): Uint8Array | null {
    return this.#ledger.linkAt(epoch, seq)
  }

  extend(epoch: StoredEpoch | NewEpoch, extension: Extension): StoredEpoch {
    return this.#ledger.extend(epoch, extension)
  }

  keepFork(fork: Fork): boolean {
    return this.#ledger.keepFork(fork)
  }

  keepHead(head: KeptHead): void {
    this.#ledger.keepHead(head)
  }
}
