import { type BatchPayload, type ChainedRecord, genesisLink } from '@ankang/protocol'
import type { KeyHistory, KeyWord } from '../identity/registry.ts'
import { type Refusal, refuse } from '../refusals.ts'
import type { Ledger, NewEpoch, StoredEpoch } from '../store/ledger.ts'
import type { Quarantine } from '../store/quarantine.ts'
import { type Placement, placeBatch } from './place-batch.ts'
import type { ProvenBatch, ReadRecord } from './prove-batch.ts'
import type { Holding } from './receipts.ts'
import { believedThrough } from './trusted-part.ts'

/** What came of one proven batch. `holding` goes into the receipt; null when nothing true could be said. */
export interface Taken {
  readonly ok: true
  readonly holding: Holding | null
  readonly stored: readonly ReadRecord[]
  readonly forkSeq: number | null
  /** Its records that go past what a revoked device is believed; the whole message is kept apart then. */
  readonly quarantined: { readonly from: number; readonly through: number } | null
}

interface TakeParts {
  readonly ledger: Ledger
  readonly keys: KeyHistory
  readonly quarantine: Quarantine
}

function holdingOf(epoch: StoredEpoch, verdict: Holding['verdict']): Holding {
  return { epoch: epoch.epoch, storedThrough: epoch.storedThrough, linkThere: epoch.linkThere, verdict }
}

/** What is held of an epoch of which nothing is stored: its genesis, on the assumption that it is the first under its key. */
export function holdingOfNothing(
  device: string,
  publicKey: Uint8Array,
  epoch: Uint8Array,
  ledger: Pick<Ledger, 'hasEpoch'>,
): Holding | null {
  // a later epoch's genesis hangs on a predecessor that only its first batch names
  if (ledger.hasEpoch(device, publicKey)) return null
  const linkThere = genesisLink({ device, publicKey, epoch, predecessor: null })
  return { epoch, storedThrough: 0, linkThere, verdict: 'ok' }
}

function isBegun(placement: Placement): boolean {
  switch (placement.kind) {
    case 'follows':
    case 'hole':
      return placement.epoch !== null
    case 'redelivered':
    case 'fork':
    case 'wrong-key':
      return true
    case 'unknown-predecessor':
      return false
  }
}

function wrongKey(device: string): Refusal {
  return refuse('wrong-key', `${device}: this epoch was begun under another key; a new key starts a new epoch`)
}

/** Why the key that signed it may not say this, null where it may. */
function objectionTo(word: KeyWord, placement: Placement, device: string): Refusal | null {
  if (word.kind === 'none') return wrongKey(device)
  if (word.kind === 'replaced' && !isBegun(placement))
    return refuse('wrong-key', `${device}: an epoch begins under the device's present key only`)
  return null
}

function lastOf<T extends ChainedRecord>(records: readonly T[], firstSeq: number, lastSeq: number): readonly T[] {
  return records.filter(({ seq }) => seq >= firstSeq && seq <= lastSeq)
}

function epochOf({ known, signer }: ProvenBatch, payload: BatchPayload): NewEpoch {
  return {
    site: known.site,
    device: known.device,
    epoch: payload.epoch,
    publicKey: signer.publicKey,
    predecessor: payload.start?.predecessor ?? null,
    genesis: payload.linkBefore,
  }
}

/** Stores what is new in a proven batch and believed. Belongs inside `ledger.commit`; its results count once that has returned. */
export function takeBatch(parts: TakeParts, proven: ProvenBatch, receivedMs: number): Taken | Refusal {
  const { ledger, keys, quarantine } = parts
  const { known, signer, batch, records, message } = proven
  const { payload, cose } = batch
  const { device } = known
  const { epoch, from, through, linkThrough } = payload
  const placement = placeBatch(ledger, payload, records, signer.publicKey)
  const word = keys.wordOf(device, signer.publicKey, epoch)
  const objection = objectionTo(word, placement, device)
  if (objection !== null) return objection

  const believed = word.kind === 'bounded' ? believedThrough(word.trusted, payload, records) : through
  /** Keeps the message apart when it goes on past what is believed. */
  const setApart = (): Taken['quarantined'] => {
    if (believed >= through) return null
    quarantine.keep({ device, epoch, from, through, linkThrough, trustedSeq: believed, message, receivedMs })
    return { from: Math.max(from, believed + 1), through }
  }
  const nothing = { ok: true, stored: [], forkSeq: null, quarantined: null } as const
  switch (placement.kind) {
    case 'wrong-key':
      return wrongKey(device)
    case 'redelivered':
      return { ...nothing, holding: holdingOf(placement.epoch, 'ok') }
    case 'hole': {
      const held =
        placement.epoch === null
          ? holdingOfNothing(device, signer.publicKey, epoch, ledger)
          : holdingOf(placement.epoch, 'ok')
      return { ...nothing, holding: held, quarantined: setApart() }
    }
    case 'unknown-predecessor': {
      const holding = { epoch, storedThrough: 0, linkThere: payload.linkBefore, verdict: placement.kind }
      return { ...nothing, holding, quarantined: setApart() }
    }
    case 'fork': {
      const { forkSeq } = placement
      ledger.keepFork({ device, epoch, from, through, forkSeq, linkThrough, message, receivedMs })
      return { ...nothing, forkSeq, holding: holdingOf(placement.epoch, 'conflict') }
    }
    case 'follows': {
      const quarantined = setApart()
      const stored = lastOf(records, placement.firstSeq, believed)
      const here = placement.epoch ?? epochOf(proven, payload)
      if (stored.length === 0) return { ...nothing, quarantined, holding: 'id' in here ? holdingOf(here, 'ok') : null }
      // of a batch that is believed in part, the head proves that part
      const extended = ledger.extend(here, {
        records: stored,
        batch: quarantined === null ? { from, through, cose } : null,
        receivedMs,
      })
      return { ok: true, stored, forkSeq: null, quarantined, holding: holdingOf(extended, 'ok') }
    }
  }
}
