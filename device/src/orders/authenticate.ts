import type { SignedFormat, SignedPayload, Trust } from '@ankang/protocol'

/** Why a message is no word of the centre's to this box. It is answered by nothing. */
export const UNHEEDED_REASONS = [
  'malformed',
  'unknown-signer',
  'bad-signature',
  'another-device',
  'version-rollback',
  'too-many',
] as const
export type UnheededReason = (typeof UNHEEDED_REASONS)[number]

type Authentication<T> =
  | { readonly ok: true; readonly content: T }
  | { readonly ok: false; readonly reason: UnheededReason }

interface Addressed {
  readonly device: string
}

/** Whether `bytes` were signed for this device by a key that the bundle delegates for `use`. Nothing of them is believed before. */
export function authenticate<T extends Addressed>(
  format: SignedFormat<T>,
  use: 'command' | 'desired',
  bytes: Uint8Array,
  { trust, device }: { readonly trust: Trust; readonly device: string },
): Authentication<T> {
  const decoded = format.decode(bytes)
  if (!decoded.ok) return { ok: false, reason: 'malformed' }
  const { kid } = decoded.value.message
  const key = kid === null ? null : trust.delegated(use, kid)
  if (key === null) return { ok: false, reason: 'unknown-signer' }
  if (!format.verify(decoded.value, key.key)) return { ok: false, reason: 'bad-signature' }
  return own(decoded.value, device)
}

function own<T extends Addressed>({ content }: SignedPayload<T>, device: string): Authentication<T> {
  return content.device === device ? { ok: true, content } : { ok: false, reason: 'another-device' }
}
