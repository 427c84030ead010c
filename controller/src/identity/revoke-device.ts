import { toHex } from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import type { EnrolmentCodes } from './enrolment-codes.ts'
import type { EnrolledDevice, Registry } from './registry.ts'

interface RevocationParts {
  readonly registry: Registry
  readonly codes: EnrolmentCodes
  readonly audit: Audit
}

interface Revocation {
  readonly device: string
  /** Why, in the actor's words. */
  readonly reason: string
  readonly actor: string
}

export type RevocationOutcome =
  | { readonly ok: true; readonly revoked: NonNullable<EnrolledDevice['revoked']> }
  | { readonly ok: false; readonly error: 'device-unknown' | 'device-revoked'; readonly detail: string }

/** Ends a device's word, its line and its open code. Whoever holds its keys can do nothing with them from here on. */
export function revokeDevice(parts: RevocationParts, { device, reason, actor }: Revocation): RevocationOutcome {
  const { registry, codes, audit } = parts
  const isOurs = registry.commit(() => {
    if (!registry.revoke(device, reason)) return false
    // who holds the box may hold its code too
    codes.withdraw(device)
    audit.append({ actor, action: 'device.revoke', subject: device, purpose: reason, ok: true, detail: {} })
    return true
  })
  const revoked = registry.find(device)?.revoked ?? null
  if (isOurs && revoked !== null) return { ok: true, revoked }
  const error = revoked === null ? 'device-unknown' : 'device-revoked'
  const detail =
    revoked === null
      ? `没有这台设备 no device ${JSON.stringify(device)} is enrolled here; see ankang device list`
      : `${device} 已于 ${new Date(revoked.timeMs).toISOString()} 吊销 was revoked then`
  audit.append({ actor, action: 'device.revoke', subject: device, purpose: reason, ok: false, detail: { error } })
  return { ok: false, error, detail }
}

/** Where its word ended, for a person to read. */
export function trustedHeadText({ trusted }: NonNullable<EnrolledDevice['revoked']>): string {
  return trusted === null ? 'none' : `${toHex(trusted.epoch)}/${trusted.seq}`
}
