import { toHex } from '@ankang/protocol'
import * as v from 'valibot'
import type { Registry } from './registry.ts'

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What the API says of a device's identity; merged into what it says of the device otherwise. */
export const deviceIdentity = v.object({
  enrolledMs: timeMs,
  revoked: v.nullable(v.object({ timeMs, reason: v.string() })),
  certificates: v.array(
    v.object({ serial: v.string(), issuedMs: timeMs, notAfterMs: timeMs, revokedMs: v.nullable(timeMs) }),
  ),
  keys: v.array(
    v.object({
      publicKey: v.string(),
      fromMs: timeMs,
      untilMs: v.nullable(timeMs),
      endReason: v.nullable(v.picklist(['replaced', 'revoked'])),
    }),
  ),
})
export type DeviceIdentity = v.InferOutput<typeof deviceIdentity>

/** Certificates and keys newest first. Null for a device that was never enrolled here. */
export function identityOf(registry: Registry, device: string): DeviceIdentity | null {
  const found = registry.find(device)
  if (found === null) return null
  return {
    enrolledMs: found.enrolledMs,
    revoked: found.revoked === null ? null : { timeMs: found.revoked.timeMs, reason: found.revoked.reason },
    certificates: registry
      .certificatesOf(device)
      .map(({ serial, issuedMs, notAfterMs, revokedMs }) => ({ serial, issuedMs, notAfterMs, revokedMs })),
    keys: registry.keysOf(device).map(({ publicKey, ...period }) => ({ publicKey: toHex(publicKey), ...period })),
  }
}
