import { timingSafeEqual } from 'node:crypto'
import { sha256, utf8 } from '@ankang/protocol'
import type { Audit } from '../audit/audit.ts'
import type { TokenGate } from '../identity/registry.ts'
import type { AccessToken, OperatorBook, TokenBook } from './people-book.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'
import type { Principal } from './principal.ts'

const TOKEN_BYTES = 32
/** So that a token that got into a file or a log is known for one. */
const PREFIX = 'ankang_'
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/
const DAY_MS = 86_400_000
const { tokenDays, tokenDaysDefault, endedTokensListedMs } = PEOPLE_LIMITS

export interface AccessTokensParts {
  readonly book: TokenBook
  readonly operators: Pick<OperatorBook, 'find'>
  /** On the book's own connection. */
  readonly audit: Audit
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

export const TOKEN_REFUSALS = ['name-invalid', 'name-taken', 'days-invalid', 'token-unknown'] as const

export interface TokenRefusal {
  readonly ok: false
  readonly error: (typeof TOKEN_REFUSALS)[number]
}

export interface TokenWish {
  readonly name: string
  /** Whole, 1 to 365; 90 where it is left out. */
  readonly days?: number
}

function refused(error: TokenRefusal['error']): TokenRefusal {
  return { ok: false, error }
}

function hashOf(token: string): Uint8Array {
  return sha256(utf8(token))
}

/**
 * What programs show instead of a password. They read as a viewer does and change nothing. Random, so that a plain hash is enough
 * and a wrong one costs nothing; not taken while whoever made it is disabled.
 */
export class AccessTokens implements TokenGate {
  readonly #parts: AccessTokensParts

  constructor(parts: AccessTokensParts) {
    this.#parts = parts
  }

  /** Newest first; what has ended stays in the list for a month. */
  list(): readonly AccessToken[] {
    return this.#parts.book.allTokens()
  }

  /** The token is shown once. Refused: `name-invalid`, `name-taken` by one that is good, `days-invalid`. */
  create(
    { name, days = tokenDaysDefault }: TokenWish,
    actor: string,
  ): { readonly ok: true; readonly token: string; readonly expiresMs: number } | TokenRefusal {
    const { book, audit, nowMs, random } = this.#parts
    if (!NAME.test(name)) return refused('name-invalid')
    if (!Number.isInteger(days) || days < 1 || days > tokenDays) return refused('days-invalid')
    return book.commit(() => {
      const createdMs = nowMs()
      const before = book.findToken(name)
      if (before !== null && !this.#isOver(before)) return refused('name-taken')
      book.removeToken(name)
      book.pruneTokens(createdMs - endedTokensListedMs)
      const token = `${PREFIX}${Buffer.from(random(TOKEN_BYTES)).toString('base64url')}`
      const expiresMs = createdMs + days * DAY_MS
      book.addToken({ name, operator: actor, createdMs, expiresMs, revokedMs: null }, hashOf(token))
      audit.append({ actor, action: 'token.create', subject: name, purpose: null, ok: true, detail: { days } })
      return { ok: true, token, expiresMs }
    })
  }

  /** Refused: `token-unknown`. One that is over stays so. */
  revoke(name: string, actor: string): { readonly ok: true } | TokenRefusal {
    const { book, audit, nowMs } = this.#parts
    return book.commit(() => {
      const token = book.findToken(name)
      if (token === null) return refused('token-unknown')
      if (token.revokedMs !== null) return { ok: true }
      book.revokeToken(name, nowMs())
      audit.append({ actor, action: 'token.revoke', subject: name, purpose: null, ok: true, detail: {} })
      return { ok: true }
    })
  }

  admitToken(name: string, token: string): string | null {
    const known = this.#parts.book.findToken(name)
    if (known === null || !timingSafeEqual(known.tokenHash, hashOf(token))) return null
    return this.#isGood(known) ? known.name : null
  }

  /** Of a bearer token; null when it is not good. */
  principalOf(token: string): Principal | null {
    // Looked for by its hash: how far a guess fits tells nothing about the token.
    const known = this.#parts.book.findTokenByHash(hashOf(token))
    return known !== null && this.#isGood(known) ? { actor: `token:${known.name}`, role: 'viewer' } : null
  }

  #isOver({ expiresMs, revokedMs }: AccessToken): boolean {
    return revokedMs !== null || this.#parts.nowMs() >= expiresMs
  }

  #isGood(token: AccessToken): boolean {
    const maker = this.#parts.operators.find(token.operator)
    return !this.#isOver(token) && (maker === null || maker.disabledMs === null)
  }
}
