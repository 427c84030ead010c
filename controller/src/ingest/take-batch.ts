import { type ChainedRecord, genesisLink } from '@ankang/protocol'
import type { Ledger, NewEpoch, StoredEpoch } from '../store/ledger.ts'
import { placeBatch } from './place-batch.ts'
import type { ProvenBatch, ReadRecord } from './prove-batch.ts'
import type { Holding } from './receipts.ts'
import type { Refusal } from './refusals.ts'
import { refuse } from './refusals.ts'

/** What came of one proven batch. `holding` goes into the receipt; null when nothing true could be said. */
export interface Taken {
  readonly ok: true
  readonly holding: Holding | null
  readonly stored: readonly ReadRecord[]
  readonly forkSeq: number | null
}

function holdingOf(epoch: StoredEpoch, verdict: Holding['verdict']): Holding {
  return { epoch: epoch.epoch, storedThrough: epoch.storedThrough, linkThere: epoch.linkThere, verdict }
}

/** What is held of an epoch of which nothing is stored: its genesis, on the assumption that it is the device's first. */
export function holdingOfNothing(
  { device, publicKey }: { readonly device: string; readonly publicKey: Uint8Array },
  epoch: Uint8Array,
  ledger: Pick<Ledger, 'hasEpoch'>,
): Holding | null {
  // a later epoch's genesis hangs on a predecessor that only its first batch names
  if (ledger.hasEpoch(device)) return null
  const linkThere = genesisLink({ device, publicKey, epoch, predecessor: null })
  return { epoch, storedThrough: 0, linkThere, verdict: 'ok' }
}

function lastOf<T extends ChainedRecord>(records: readonly T[], firstSeq: number): readonly T[] {
  const skip = firstSeq - (records[0]?.seq ?? firstSeq)
  return skip === 0 ? records : records.slice(skip)
}

/** Stores what is new in a proven batch. Belongs inside `ledger.commit`; its results count once that has returned. */
export function takeBatch(ledger: Ledger, proven: ProvenBatch, receivedMs: number): Taken | Refusal {
  const { known, batch, records, message } = proven
  const { payload, cose } = batch
  const nothing = { ok: true, stored: [], forkSeq: null } as const
  const placement = placeBatch(ledger, payload, records, known.publicKey)
  switch (placement.kind) {
    case 'wrong-key':
      return refuse(
        'wrong-key',
        `${known.device}: this epoch was begun under another key; a new key starts a new epoch`,
      )
    case 'redelivered':
      return { ...nothing, holding: holdingOf(placement.epoch, 'ok') }
    case 'hole': {
      const { epoch } = placement
      const holding = epoch === null ? holdingOfNothing(known, payload.epoch, ledger) : holdingOf(epoch, 'ok')
      return { ...nothing, holding }
    }
    case 'unknown-predecessor': {
      const holding = { epoch: payload.epoch, storedThrough: 0, linkThere: payload.linkBefore, verdict: placement.kind }
      return { ...nothing, holding }
    }
    case 'fork': {
      const { epoch, from, through, linkThrough } = payload
      const { forkSeq } = placement
      ledger.keepFork({ device: known.device, epoch, from, through, forkSeq, linkThrough, message, receivedMs })
      return { ...nothing, forkSeq, holding: holdingOf(placement.epoch, 'conflict') }
    }
    case 'follows': {
      const stored = lastOf(records, placement.firstSeq)
      const { from, through } = payload
      const epoch: StoredEpoch | NewEpoch = placement.epoch ?? {
        site: known.site,
        device: known.device,
        epoch: payload.epoch,
        publicKey: known.publicKey,
        predecessor: payload.start?.predecessor ?? null,
        genesis: payload.linkBefore,
      }
      const extended = ledger.extend(epoch, { records: stored, batch: { from, through, cose }, receivedMs })
      return { ok: true, stored, forkSeq: null, holding: holdingOf(extended, 'ok') }
    }
  }
}
