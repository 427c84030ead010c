import {
  type Batch,
  type ChainedRecord,
  checkBatch,
  type Decoded,
  decodeBatch,
  decodeBody,
  equalBytes,
  RECORD_TYPES,
  type RecordBody,
} from '@ankang/protocol'
import type { KnownKey } from '../identity/registry.ts'
import { type Refusal, refuse } from '../refusals.ts'
import type { ControllerScene } from '../scenes/controller-scene.ts'
import { dayEntryOf } from '../scenes/day-entry.ts'
import type { TypedRecord } from '../store/ledger.ts'
import type { DeviceDirectory, KnownDevice } from './device-directory.ts'
import { claimedSender } from './sender.ts'

export interface ReadRecord extends TypedRecord {
  /** Null when the body is not one this program can read; its bytes are stored all the same. */
  readonly content: RecordBody | null
}

/** A batch that its device signed and whose chain holds in itself. */
export interface ProvenBatch {
  readonly known: KnownDevice
  /** The key that signed it, the device's present one or a former one. */
  readonly signer: KnownKey
  readonly batch: Batch
  readonly records: readonly ReadRecord[]
  /** The whole message as received. */
  readonly message: Uint8Array
}

function readRecord(scenes: readonly ControllerScene[], record: ChainedRecord): ReadRecord {
  const body = decodeBody(record.body)
  const content = body.ok && body.value.seq === record.seq ? body.value : null
  const type = content === null ? null : RECORD_TYPES.indexOf(content.type) + 1
  return { ...record, content, type, dayEntry: dayEntryOf(scenes, content) }
}

/** Which of a device's keys has signed it: what was begun under a former one is still sent under that. */
function checkSigned(
  batch: Batch,
  signers: readonly KnownKey[],
): Decoded<{ readonly signer: KnownKey; readonly records: readonly ChainedRecord[] }> {
  let failed: { readonly ok: false; readonly detail: string } = { ok: false, detail: 'no key to check it with' }
  for (const [place, signer] of signers.entries()) {
    const records = checkBatch(batch, signer.key)
    if (records.ok) return { ok: true, value: { signer, records: records.value } }
    if (place === 0) failed = records
  }
  return failed
}

/** Everything that can be said of a message on a records topic without looking into the store. */
export function proveBatch(
  { directory, scenes }: { readonly directory: DeviceDirectory; readonly scenes: readonly ControllerScene[] },
  topic: string,
  message: Uint8Array,
): { readonly ok: true; readonly value: ProvenBatch } | Refusal {
  const sender = claimedSender(directory, topic)
  if (!sender.ok) return sender
  const { known } = sender
  const batch = decodeBatch(message)
  if (!batch.ok) return refuse('malformed', batch.detail)
  const { device, start } = batch.value.payload
  if (device !== known.device)
    return refuse('foreign-device', `signed for ${device.slice(0, 40)}, sent as ${known.device}`)
  const signers = [known, ...known.formerKeys].filter(
    ({ publicKey }) => start === null || equalBytes(start.publicKey, publicKey),
  )
  if (signers.length === 0) return refuse('wrong-key', `${device} starts an epoch with a key that was never its own`)
  const signed = checkSigned(batch.value, signers)
  if (!signed.ok) return refuse('not-proven', signed.detail)
  const { signer } = signed.value
  const records = signed.value.records.map(record => readRecord(scenes, record))
  return { ok: true, value: { known, signer, batch: batch.value, records, message } }
}
