import { channelFilter, describeError, equalBytes, headFormat, type SignedHead } from '@ankang/protocol'
import type { Letter, Postman } from '../broker/postman.ts'
import type { Log } from '../log.ts'
import type { Ledger } from '../store/ledger.ts'
import type { DeviceDirectory, KnownDevice } from './device-directory.ts'
import { type Refusal, type Refusals, refuse } from './refusals.ts'
import { claimedSender } from './sender.ts'

interface HeadIntakeParts {
  readonly postman: Postman
  readonly directory: DeviceDirectory
  readonly ledger: Ledger
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

function takeHead(parts: HeadIntakeParts, { topic, payload }: Letter): Refusal | null {
  const { directory, ledger, listener, log, nowMs } = parts
  const sender = claimedSender(directory, topic)
  if (!sender.ok) return sender
  const { known } = sender
  const head = headFormat.decode(payload)
  if (!head.ok) return refuse('malformed', head.detail)
  const { content } = head.value
  if (content.device !== known.device) return refuse('foreign-device', `a head of ${content.device.slice(0, 40)}`)
  if (!headFormat.verify(head.value, known.key))
    return refuse('not-proven', 'signature of the head does not verify with the device key')
  const { device, epoch, seq, link } = content
  try {
    ledger.commit(() =>
      ledger.keepHead({ device, epoch, seq, link, deviceTimeMs: content.timeMs, cose: payload, receivedMs: nowMs() }),
    )
  } catch (error) {
    log.error({ event: 'store-fault', device, detail: describeError(error) }, 'a head could not be stored')
    return refuse('fault', 'the store did not take the head')
  }
  const stored = ledger.findEpoch(device, epoch)
  const storedLink = stored === null ? null : ledger.linkAt(stored, seq)
  if (storedLink !== null && !equalBytes(storedLink, link)) {
    log.error({ event: 'fork', device, seq }, 'a signed head contradicts the stored chain; both are kept')
    listener.onFork(known, seq)
  }
  listener.onHead(known, content)
  return null
}
