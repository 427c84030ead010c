import { exportEd25519, keyId, type PrivateKey, receiptFormat, type Verdict } from '@ankang/protocol'

/** What a receipt states of one epoch. */
export interface Holding {
  readonly epoch: Uint8Array
  readonly storedThrough: number
  readonly linkThere: Uint8Array
  readonly verdict: Verdict
}

/** There is neither replica nor backup yet, so nothing may be pruned. */
const PRUNE_THROUGH = 0

/** Signs receipts. Call it with what a returned commit has made true, never with less. */
export class ReceiptSigner {
  readonly #key: PrivateKey
  readonly #kid: Uint8Array
  readonly #storeGeneration: Uint8Array
  readonly #nowMs: () => number

  constructor(key: PrivateKey, storeGeneration: Uint8Array, nowMs: () => number) {
    this.#key = key
    this.#kid = keyId(exportEd25519(key))
    this.#storeGeneration = storeGeneration
    this.#nowMs = nowMs
  }

  sign(device: string, holding: Holding): Uint8Array {
    const receipt = {
      ...holding,
      device,
      pruneThrough: PRUNE_THROUGH,
      timeMs: this.#nowMs(),
      storeGeneration: this.#storeGeneration,
    }
    return receiptFormat.encode(receipt, this.#key, this.#kid)
  }
}
