import { channelFilter, describeError, equalBytes, headFormat, type SignedHead } from '@ankang/protocol'
import type { Letter, Postman } from '../broker/postman.ts'
import type { KeyHistory, KnownKey } from '../identity/registry.ts'
import type { Log } from '../log.ts'
import { type Refusal, type Refusals, refuse } from '../refusals.ts'
import type { KeptHead, Ledger, StoredEpoch } from '../store/ledger.ts'
import type { DeviceDirectory, KnownDevice } from './device-directory.ts'
import { claimedSender } from './sender.ts'

interface HeadIntakeParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly ledger: Ledger
  readonly keys: KeyHistory
  readonly refusals: Refusals
  readonly listener: {
    onHead(known: KnownDevice, head: SignedHead): void
    onFork(known: KnownDevice, forkSeq: number): void
  }
  readonly log: Log
  readonly nowMs: () => number
}

/** Keeps the heads that devices sign: up to the last one every gap is visible. */
export async function startHeadIntake(parts: HeadIntakeParts): Promise<void> {
  await parts.postman.subscribe(
    channelFilter('head'),
    parts.refusals.noting(letter => takeHead(parts, letter)),
  )
}

/** The key under which an epoch was begun, the present one where nothing of it is stored. Null: none of this device's. */
function signerOf(known: KnownDevice, stored: StoredEpoch | null): KnownKey | null {
  if (stored === null) return known
  return [known, ...known.formerKeys].find(({ publicKey }) => equalBytes(publicKey, stored.publicKey)) ?? null
}

/** A head of a revoked device could move the place where its word ends, so none is taken. */
function keepHead({ ledger, keys, log }: HeadIntakeParts, head: KeptHead, { publicKey }: KnownKey): Refusal | null {
  try {
    return ledger.commit(() => {
      const word = keys.wordOf(head.device, publicKey, head.epoch)
      if (word.kind === 'none') return refuse('wrong-key', `${head.device} has no such key any more`)
      if (word.kind === 'bounded') return refuse('quarantined', `a head of ${head.device}, which was revoked`)
      ledger.keepHead(head)
      return null
    })
  } catch (error) {
    log.error({ event: 'store-fault', device: head.device, detail: describeError(error) }, 'a head could not be stored')
    return refuse('fault', 'the store did not take the head')
  }
}

function takeHead(parts: HeadIntakeParts, { topic, payload }: Letter): Refusal | null {
  const { directory, ledger, listener, log, nowMs } = parts
  const sender = claimedSender(directory, topic)
  if (!sender.ok) return sender
  const { known } = sender
  const head = headFormat.decode(payload)
  if (!head.ok) return refuse('malformed', head.detail)
  const { content } = head.value
  if (content.device !== known.device) return refuse('foreign-device', `a head of ${content.device.slice(0, 40)}`)
  const { device, epoch, seq, link } = content
  const stored = ledger.findEpoch(device, epoch)
  const signer = signerOf(known, stored)
  if (signer === null || !headFormat.verify(head.value, signer.key))
    return refuse('not-proven', 'signature of the head does not verify with the device key')
  const refused = keepHead(
    parts,
    { device, epoch, seq, link, deviceTimeMs: content.timeMs, cose: payload, receivedMs: nowMs() },
    signer,
  )
  if (refused !== null) return refused
  const storedLink = stored === null ? null : ledger.linkAt(stored, seq)
  if (storedLink !== null && !equalBytes(storedLink, link)) {
    log.error({ event: 'fork', device, seq }, 'a signed head contradicts the stored chain; both are kept')
    listener.onFork(known, seq)
  }
  listener.onHead(known, content)
  return null
}
