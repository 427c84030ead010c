import { type BatchPayload, type ChainedRecord, equalBytes, type Predecessor } from '@ankang/protocol'
import type { ChainReader, StoredEpoch } from '../store/ledger.ts'

/**
 * Where a proven batch stands towards what is stored.
 * - `follows`: records from `firstSeq` on are new; `epoch` null when they begin one.
 * - `redelivered`: everything in it is stored, with the same links.
 * - `hole`: records before it are missing here. `epoch` null when nothing of its epoch is stored.
 * - `fork`: the stored chain says otherwise at `forkSeq`.
 * - `unknown-predecessor`: an epoch whose beginning hangs on nothing that is stored or granted.
 * - `wrong-key`: the epoch was begun under another key; a new key starts a new epoch.
 */
export type Placement =
  | { readonly kind: 'follows'; readonly epoch: StoredEpoch | null; readonly firstSeq: number }
  | { readonly kind: 'redelivered'; readonly epoch: StoredEpoch }
  | { readonly kind: 'hole'; readonly epoch: StoredEpoch | null }
  | { readonly kind: 'fork'; readonly epoch: StoredEpoch; readonly forkSeq: number }
  | { readonly kind: 'unknown-predecessor' }
  | { readonly kind: 'wrong-key' }

function isPredecessorKnown(
  chains: ChainReader,
  device: string,
  publicKey: Uint8Array,
  predecessor: Predecessor | null,
): boolean {
  // enrolment grants its key one epoch without predecessor, a later one would hide a loss
  if (predecessor === null) return !chains.hasEpoch(device, publicKey)
  const before = chains.findEpoch(device, predecessor.epoch)
  const link = before === null ? null : chains.linkAt(before, predecessor.seq)
  return link !== null && equalBytes(link, predecessor.link)
}

/** Links commit to all links before them: equal at the end of the overlap is equal throughout. */
function findFork(
  chains: ChainReader,
  epoch: StoredEpoch,
  { from, linkBefore }: BatchPayload,
  records: readonly ChainedRecord[],
): number | null {
  const differs = (seq: number, link: Uint8Array): boolean => {
    const stored = chains.linkAt(epoch, seq)
    return stored !== null && !equalBytes(stored, link)
  }
  const overlapEnd = records[Math.min(records.length, epoch.storedThrough - from + 1) - 1]
  if (overlapEnd === undefined) return differs(from - 1, linkBefore) ? from - 1 : null
  if (!differs(overlapEnd.seq, overlapEnd.link)) return null
  if (differs(from - 1, linkBefore)) return from - 1
  return records.find(({ seq, link }) => differs(seq, link))?.seq ?? overlapEnd.seq
}

/** Pure but for reading `chains`. `records` are the batch's, as its chain gives them; `publicKey` has signed it. */
export function placeBatch(
  chains: ChainReader,
  payload: BatchPayload,
  records: readonly ChainedRecord[],
  publicKey: Uint8Array,
): Placement {
  const { device, from, through, start } = payload
  const epoch = chains.findEpoch(device, payload.epoch)
  if (epoch === null) {
    if (start === null) return { kind: 'hole', epoch: null }
    return isPredecessorKnown(chains, device, publicKey, start.predecessor)
      ? { kind: 'follows', epoch: null, firstSeq: 1 }
      : { kind: 'unknown-predecessor' }
  }
  if (!equalBytes(epoch.publicKey, publicKey)) return { kind: 'wrong-key' }
  if (from > epoch.storedThrough + 1) return { kind: 'hole', epoch }
  const forkSeq = findFork(chains, epoch, payload, records)
  if (forkSeq !== null) return { kind: 'fork', epoch, forkSeq }
  return through <= epoch.storedThrough
    ? { kind: 'redelivered', epoch }
    : { kind: 'follows', epoch, firstSeq: epoch.storedThrough + 1 }
}
