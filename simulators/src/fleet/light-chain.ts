import {
  encodeBatch,
  encodeBody,
  exportEd25519,
  genesisLink,
  nextLink,
  type PrivateKey,
  sha256,
} from '@ankang/protocol'

interface ChainOptions {
  readonly device: string
  readonly key: PrivateKey
  readonly random: (lengthBytes: number) => Uint8Array
}

interface Place {
  readonly seq: number
  readonly link: Uint8Array
}

/** The chain of a device that keeps nothing: each record is sent as a batch of its own. */
export class LightChain {
  readonly #options: ChainOptions
  readonly #epoch: Uint8Array
  #head: Place

  constructor(options: ChainOptions) {
    this.#options = options
    this.#epoch = options.random(8)
    const { device, key } = options
    const link = genesisLink({ device, publicKey: exportEd25519(key), epoch: this.#epoch, predecessor: null })
    this.#head = { seq: 0, link }
  }

  get head(): Place & { readonly epoch: Uint8Array } {
    return { ...this.#head, epoch: this.#epoch }
  }

  /** One more record, as the batch that carries it. */
  next(timeMs: number): Uint8Array {
    const { device, key, random } = this.#options
    const before = this.#head
    const seq = before.seq + 1
    const body = encodeBody({
      type: 'showing',
      seq,
      timeMs,
      timeTrust: 'unknown',
      scene: 'hall-door',
      outcome: 'admit',
      reason: 'ok',
      family: 'ak1',
      colour: 'green',
      showingTag: random(8),
      sealed: random(112),
      stages: { read: 20, recognise: 1, verify: 4, decide: 1 },
    })
    const link = nextLink(before.link, seq, sha256(body))
    this.#head = { seq, link }
    const start = seq === 1 ? { publicKey: exportEd25519(key), predecessor: null } : null
    const payload = {
      device,
      epoch: this.#epoch,
      from: seq,
      through: seq,
      linkBefore: before.link,
      linkThrough: link,
      deviceTimeMs: timeMs,
      newestSeq: seq,
      start,
    }
    return encodeBatch(payload, [body], key)
  }
}
