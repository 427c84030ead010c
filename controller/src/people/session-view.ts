import { timingSafeEqual } from 'node:crypto'
import { hmacSha256, sha256, utf8 } from '@ankang/protocol'
import type { Operator } from './operator.ts'
import { type Permission, type Principal, ROLE_PERMISSIONS, type Role } from './principal.ts'
import type { Stage } from './stage.ts'

/** What the page is told of a session. */
export interface SessionView {
  readonly stage: Stage
  /** To be sent back with each change. */
  readonly csrf: string
  readonly operator: { readonly name: string; readonly role: Role; readonly permissions: readonly Permission[] }
}

/**
 * The second secret of a session. Made from the first, so that a page that is loaded anew is told the same one and other tabs
 * stay good, and the store need not know it; the first is not to be had from it.
 */
function csrfOf(token: string): string {
  return Buffer.from(hmacSha256(utf8(token), utf8('ankang/v1 csrf'))).toString('base64url')
}

export function sessionView(token: string, stage: Stage, { name, role }: Operator): SessionView {
  return { stage, csrf: csrfOf(token), operator: { name, role, permissions: ROLE_PERMISSIONS[role] } }
}

/** Whether what came with a change is the session's own second secret, in the same time whatever came. */
export function isCsrfOf({ csrf }: SessionView, given: string): boolean {
  return timingSafeEqual(sha256(utf8(csrf)), sha256(utf8(given)))
}

/** Null before the log-in is complete: until then somebody may do nothing but complete it. */
export function principalOf({ stage, operator }: SessionView): Principal | null {
  return stage === 'full' ? { actor: operator.name, role: operator.role } : null
}
