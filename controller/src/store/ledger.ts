import type { ChainedRecord, Predecessor } from '@ankang/protocol'

/** An epoch of which at least one record is stored. */
export interface StoredEpoch {
  /** The store's own number. */
  readonly id: number
  readonly device: string
  readonly epoch: Uint8Array
  readonly publicKey: Uint8Array
  readonly genesis: Uint8Array
  /** Contiguous from 1. */
  readonly storedThrough: number
  readonly linkThere: Uint8Array
}

export interface NewEpoch {
  readonly site: string
  readonly device: string
  readonly epoch: Uint8Array
  readonly publicKey: Uint8Array
  readonly predecessor: Predecessor | null
  readonly genesis: Uint8Array
}

/** Where a record stands in the daybook. */
export interface DayEntry {
  /** Empty where the body cannot be read: then it may be of any. */
  readonly scene: string
  /** yyyymmdd; 0 where the day cannot be read. */
  readonly day: number
  /** The record's own time. */
  readonly timeMs: number
}

/** A record with its type's number, null when its body could not be read. */
export interface TypedRecord extends ChainedRecord {
  readonly type: number | null
  /** Null where its scene does not count it by days. */
  readonly dayEntry: DayEntry | null
}

export interface Extension {
  readonly records: readonly TypedRecord[]
  /** What proves the records. Null where a signed head does, since the batch goes past it and is in quarantine. */
  readonly batch: { readonly from: number; readonly through: number; readonly cose: Uint8Array } | null
  readonly receivedMs: number
}

export interface Fork {
  readonly device: string
  readonly epoch: Uint8Array
  readonly from: number
  readonly through: number
  /** First place where the chains differ; 0 for the genesis. */
  readonly forkSeq: number
  readonly linkThrough: Uint8Array
  readonly message: Uint8Array
  readonly receivedMs: number
}

export interface KeptHead {
  readonly device: string
  readonly epoch: Uint8Array
  readonly seq: number
  readonly link: Uint8Array
  readonly deviceTimeMs: number
  readonly cose: Uint8Array
  readonly receivedMs: number
}

/** What is stored, as far as placing a batch needs to know it. */
export interface ChainReader {
  findEpoch(device: string, epoch: Uint8Array): StoredEpoch | null
  /** Whether any epoch of this device under this key is stored. */
  hasEpoch(device: string, publicKey: Uint8Array): boolean
  /** link(seq) of a stored epoch, genesis at 0; null past what is stored. */
  linkAt(epoch: StoredEpoch, seq: number): Uint8Array | null
}

/**
 * The chains of all devices, each record once. Everything inside one `commit` is durable together, or not there at all:
 * when `commit` returns it has survived a power cut, when it throws nothing of it happened. Outside a `commit`, writing
 * is not allowed.
 */
export interface Ledger extends ChainReader {
  commit<T>(work: () => T): T
  /** The records must follow what is stored: their first seq is `storedThrough + 1`. Returns the epoch as it is then. */
  extend(epoch: StoredEpoch | NewEpoch, extension: Extension): StoredEpoch
  /** False when this very fork was kept before. */
  keepFork(fork: Fork): boolean
  keepHead(head: KeptHead): void
}
