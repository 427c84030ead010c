import { equalBytes, sha256, utf8 } from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import { bindingDifference, bindingOf, type Client } from './client.ts'
import type { SessionBook, StoredSession } from './people-book.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'
import type { Stage } from './stage.ts'

const TOKEN_BYTES = 32
const { sessionIdleMs, sessionMs, halfMadeSessionMs, sessionsPerOperator, seenEveryMs } = PEOPLE_LIMITS

export interface SessionParts {
  readonly book: SessionBook
  /** On the book's own connection. */
  readonly audit: Audit
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

function hashOf(secret: string): Uint8Array {
  return sha256(utf8(secret))
}

/**
 * Sessions, one step at a time. A token is 256 random bits that the store does not know: it holds a hash. Whoever changes
 * several things at once runs these within a transaction.
 */
export class Sessions {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Begins one, and ends the operator's oldest when there are too many. Returns its token, to be shown once. */
  open(operator: string, stage: Stage, client: Client): string {
    const { book, nowMs } = this.#parts
    const now = nowMs()
    book.pruneSessions({
      seenSinceMs: now - sessionIdleMs,
      fullSinceMs: now - sessionMs,
      halfMadeSinceMs: now - halfMadeSessionMs,
    })
    const there = book.sessionsOf(operator)
    for (const { tokenHash } of there.slice(0, Math.max(0, there.length + 1 - sessionsPerOperator)))
      book.endSession(tokenHash)
    return this.#add(operator, stage, client, now)
  }

  /**
   * The session of a token, null when there is none that is alive. One that turns up at another place or in another browser is
   * ended for both: whoever was robbed notices, and the audit log says where it was.
   */
  find(token: string, client: Client): StoredSession | null {
    const { book, nowMs } = this.#parts
    const session = book.findSession(hashOf(token))
    if (session === null) return null
    if (this.isOver(session, nowMs())) {
      book.endSession(session.tokenHash)
      return null
    }
    const binding = bindingOf(token, client)
    if (equalBytes(session.boundTo, binding)) return session
    book.endSession(session.tokenHash)
    const differs = bindingDifference(session.boundTo, binding)
    this.#parts.audit.append({
      actor: 'system',
      action: 'session.stolen',
      subject: session.operator,
      purpose: null,
      ok: false,
      detail: { address: client.address, otherPlace: differs.place, otherUserAgent: differs.userAgent },
    })
    return null
  }

  /** Notes that it is used, as often as the disk need know. */
  see({ tokenHash, seenMs }: StoredSession): void {
    const now = this.#parts.nowMs()
    if (now - seenMs >= seenEveryMs || now < seenMs) this.#parts.book.seeSession(tokenHash, now)
  }

  /** Another token for the next stage: one that was seen before somebody proved more is worth nothing after it. */
  advance(session: StoredSession, stage: Stage, client: Client): string {
    this.#parts.book.endSession(session.tokenHash)
    return this.#add(session.operator, stage, client, session.createdMs)
  }

  end(session: StoredSession): void {
    this.#parts.book.endSession(session.tokenHash)
  }

  endAllOf(operator: string): number {
    return this.#parts.book.endSessionsOf(operator)
  }

  /** Those alive, oldest first. */
  of(operator: string): readonly StoredSession[] {
    const now = this.#parts.nowMs()
    return this.#parts.book.sessionsOf(operator).filter(session => !this.isOver(session, now))
  }

  isOver({ stage, createdMs, seenMs }: StoredSession, nowMs: number): boolean {
    const age = nowMs - createdMs
    // begun in the future: the clock was set back, and nobody can say how old it is
    if (age < -seenEveryMs) return true
    return age > (stage === 'full' ? sessionMs : halfMadeSessionMs) || nowMs - seenMs > sessionIdleMs
  }

  #add(operator: string, stage: Stage, client: Client, createdMs: number): string {
    const token = Buffer.from(this.#parts.random(TOKEN_BYTES)).toString('base64url')
    this.#parts.book.addSession({
      tokenHash: hashOf(token),
      operator,
      boundTo: bindingOf(token, client),
      stage,
      createdMs,
      seenMs: this.#parts.nowMs(),
    })
    return token
  }
}
