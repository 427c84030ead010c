/*
 * The chain that makes an altered or missing entry visible.
 *
 *   link(0) = SHA-256("ankang/v1 audit")
 *   link(n) = SHA-256(link(n−1) ‖ u64be(n) ‖ SHA-256(CBOR [time in ms, actor, action, subject, purpose, ok, detail as JSON text]))
 */
import { encodeCbor, nextLink, sha256, utf8 } from '@ankang/protocol'
import type { AuditEntry } from './audit.ts'

export const AUDIT_GENESIS = sha256(utf8('ankang/v1 audit'))

/** Characters; longer is cut, and ends in an ellipsis. */
export const AUDIT_LIMITS = {
  actor: 80,
  action: 64,
  subject: 128,
  purpose: 400,
  detailValue: 200,
  details: 16,
} as const

/** An entry as it is stored and hashed. */
export interface StoredEntry {
  readonly timeMs: number
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly purpose: string | null
  readonly ok: boolean
  /** JSON text. */
  readonly detail: string
}

/** Half a surrogate pair does not survive UTF-8: the entry read back would be another than the one hashed. */
function bounded(text: string, maxChars: number): string {
  const cut = text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text
  return cut.replace(/\p{Surrogate}/gu, '\uFFFD')
}

function boundedDetail(detail: AuditEntry['detail']): string {
  const facts = Object.entries(detail)
    .slice(0, AUDIT_LIMITS.details)
    .map(([name, value]) => [
      bounded(name, AUDIT_LIMITS.action),
      typeof value === 'string' ? bounded(value, AUDIT_LIMITS.detailValue) : value,
    ])
  return JSON.stringify(Object.fromEntries(facts))
}

export function toStoredEntry(entry: AuditEntry, timeMs: number): StoredEntry {
  return {
    timeMs: Math.floor(timeMs),
    actor: bounded(entry.actor, AUDIT_LIMITS.actor),
    action: bounded(entry.action, AUDIT_LIMITS.action),
    subject: bounded(entry.subject, AUDIT_LIMITS.subject),
    purpose: entry.purpose === null ? null : bounded(entry.purpose, AUDIT_LIMITS.purpose),
    ok: entry.ok,
    detail: boundedDetail(entry.detail),
  }
}

export function auditLink(
  previous: Uint8Array,
  id: number,
  { timeMs, actor, action, subject, purpose, ok, detail }: StoredEntry,
): Uint8Array {
  return nextLink(previous, id, sha256(encodeCbor([timeMs, actor, action, subject, purpose, ok, detail])))
}
