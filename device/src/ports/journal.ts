import type { Epoch, Head, ReplayMark } from '@ankang/protocol'

/** What is to be written in one transaction. */
export interface JournalEntry {
  /** The body for the sequence number it gets. */
  build(seq: number): Uint8Array
  /** Replay mark of an accepted showing; it lives and dies with its record. */
  readonly mark?: ReplayMark
}

export interface JournalRecord {
  readonly seq: number
  readonly link: Uint8Array
  readonly body: Uint8Array
  /** Unix milliseconds of the device's clock when it was written. */
  readonly writtenMs: number
}

export interface ReadLimits {
  readonly maxRecords: number
  readonly maxBytes: number
}

/**
 * The device's own ledger, and the only queue of what is still to be sent.
 *
 * Contract: when `append` resolves the record and its mark have survived a power cut, together; when it rejects neither
 * was written, and the sequence number is free again. A rejection is an EnvironmentError: `journal-full` when space ran
 * out, `journal-broken` otherwise. Records are dense from the oldest kept to the head. `prune` drops records and never
 * the head. The journal belongs to one process, one device and one key.
 */
export interface Journal {
  readonly epoch: Epoch
  head(): Head
  append(entry: JournalEntry): Promise<JournalRecord>
  /** Whether a showing with this tag was accepted and its mark still holds at `nowSeconds`. */
  wasAccepted(tag: Uint8Array, nowSeconds: number): boolean
  readonly history: JournalHistory
  close(): Promise<void>
}

/** What the uplink reads and prunes. A disk that fails throws an EnvironmentError, as `append` rejects with one. */
export interface JournalHistory {
  /** Records from `fromSeq` on, ascending; at least one where there is one, whatever its size. */
  read(fromSeq: number, limits: ReadLimits): readonly JournalRecord[]
  /** link(seq); link(0) is the genesis. Null where it was pruned or never was. */
  linkAt(seq: number): Uint8Array | null
  /** 1 where nothing was pruned. */
  oldestSeq(): number
  /** Drops records up to `throughSeq` written before `beforeMs`; returns how many. */
  prune(throughSeq: number, beforeMs: number): number
}
