import { encodeCbor } from '../codec/cbor-encode.ts'
import { sha256 } from '../crypto.ts'
import type { Policy } from '../policy.ts'
import type { Presentation } from '../presentation.ts'

/** What a device remembers of an accepted showing. Written in the record's own transaction. */
export interface ReplayMark {
  /** The showing tag, 8 bytes. */
  readonly tag: Uint8Array
  /** Unix seconds; from then on the same tag may open again. */
  readonly until: number
}

/** A proof names its second, so its mark need never end; a day outlasts every window and every clock step worth surviving. */
const PROOF_MARK_SECONDS = 86_400

/** SHA-256(CBOR [family, issuer, id, shownAt / null])[0..8]. Source: formats.md §5. */
export function showingTag({
  family,
  issuer,
  credentialId,
  shownAt,
}: Pick<Presentation, 'family' | 'issuer' | 'credentialId' | 'shownAt'>): Uint8Array {
  return sha256(encodeCbor([family, issuer, credentialId, shownAt])).subarray(0, 8)
}

function markUntil({ carrier, shownAt, expiresAt }: Presentation, policy: Policy, now: number): number {
  if (carrier === 'paper') return now + policy.replaySeconds
  return shownAt === null ? expiresAt : Math.max(now, shownAt) + PROOF_MARK_SECONDS
}

/** The marks that accepting this presentation leaves: one, or one for each id it has. Source: formats.md §1 row 16. */
export function replayMarks(presentation: Presentation, policy: Policy, now: number): readonly ReplayMark[] {
  const until = markUntil(presentation, policy, now)
  const ids = [presentation.credentialId, ...(presentation.otherIds ?? [])]
  return ids.map(credentialId => ({ tag: showingTag({ ...presentation, credentialId }), until }))
}
