import { parseDeviceTopic } from '@ankang/protocol'
import { type Refusal, refuse } from '../refusals.ts'
import type { DeviceDirectory, KnownDevice } from './device-directory.ts'

/** Whose topic a message came on. The broker vouches for nobody, so this is a claim until a signature says the same. */
export function claimedSender(
  directory: DeviceDirectory,
  topic: string,
): { readonly ok: true; readonly known: KnownDevice } | Refusal {
  const address = parseDeviceTopic(topic)
  if (address === null) return refuse('unknown-topic', 'not a topic of a device')
  const known = directory.find(address.device)
  if (known === null) return refuse('unknown-device', `${address.device} is not enrolled here`)
  if (known.site !== address.site)
    return refuse('wrong-site', `${address.device} belongs to ${known.site}, the topic says ${address.site}`)
  return { ok: true, known }
}
