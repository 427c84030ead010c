import type { Epoch, Head, ReplayMark } from '@ankang/protocol'

/** A record to be written, with its marks. */
export interface JournalEntry {
  /** The body for the sequence number it gets. Called when its commit is due; what it throws rejects this entry alone. */
  build(seq: number): Uint8Array
  /** Marks of an accepted showing (replay, interval); they live and die with their record. */
  readonly marks?: readonly ReplayMark[]
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
 * Contract: when `append` resolves the record and its marks have survived a power cut, together; when it rejects neither
 * was written, and the sequence number is free again. A rejection is an EnvironmentError: `journal-full` when space ran
 * out, `journal-broken` otherwise. Entries appended in one tick may share a commit, in the order they came, and a commit
 * that fails rejects all of them; nobody waits for entries still to come. `head` and `markedUntil` know only what has been
 * committed. Records are dense from the oldest kept to the head. `prune` drops records and never the head. `close` first
 * writes what was appended before. The journal belongs to one process, one device and one key.
 */
export interface Journal {
  readonly epoch: Epoch
  head(): Head
  append(entry: JournalEntry): Promise<JournalRecord>
  /** Until when (Unix seconds) the newest mark with this tag holds; null where there is none. A disk that fails throws an EnvironmentError. */
  markedUntil(tag: Uint8Array): number | null
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
