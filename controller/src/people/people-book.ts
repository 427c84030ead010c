import type { Lock } from './lockout.ts'
import type { Operator } from './operator.ts'
import type { Role } from './principal.ts'
import type { Stage } from './stage.ts'

/** What proves who somebody is. */
export interface Credentials {
  /** argon2id in PHC form. */
  readonly password: string
  /** Sealed with people.key; null before one was offered. */
  readonly sealedSecondFactor: Uint8Array | null
  /** The last step a code was taken for. */
  readonly usedStep: number | null
}

/** Where operators are kept. Each method is one statement; `commit` makes one transaction of several. */
export interface OperatorBook {
  /** Runs `work` in one transaction on this connection, with whatever else it writes through it. */
  commit<T>(work: () => T): T
  add(operator: Operator, password: string): void
  find(name: string): Operator | null
  credentials(name: string): Credentials | null
  all(): readonly Operator[]
  setPassword(name: string, password: string, mustChange: boolean): void
  /** A sealed secret that is not proven yet, or null to have none. */
  offerSecondFactor(name: string, sealed: Uint8Array | null): void
  /** Proven with a code of `step`: from then on it is asked for. */
  useSecondFactor(name: string, step: number): void
  setRole(name: string, role: Role): void
  setDisabled(name: string, disabledMs: number | null): void
}

/** All places that are not known to be an operator's own. */
export const STRANGE_PLACES = ''

/**
 * Failures are counted by account and place, where all strange places are one. So nobody who guesses from elsewhere locks an
 * operator out at the places where they are known. `account` is an operator's name, or what stands for names nobody has.
 */
export interface LockBook {
  lockOf(account: string, place: string): Lock
  keepLock(account: string, place: string, lock: Lock): void
  /** Whether the operator has logged in there since. */
  isFamiliar(account: string, place: string, sinceMs: number): boolean
  /** Remembers the place, and of all only the `most` latest. */
  makeFamiliar(account: string, place: string, nowMs: number, most: number): void
  /** Forgets failures, and places where asked to. */
  forgetLocks(account: string, places: 'failures' | 'failures and places'): void
  /** Forgets what has not changed since, but for familiar places of later than `familiarSinceMs`. */
  pruneLocks(changedSinceMs: number, familiarSinceMs: number): void
}

export interface StoredSession {
  /** SHA-256 of the token, 32 bytes. */
  readonly tokenHash: Uint8Array
  readonly operator: string
  readonly boundTo: Uint8Array
  readonly stage: Stage
  readonly createdMs: number
  readonly seenMs: number
}

export interface SessionBook {
  addSession(session: StoredSession): void
  findSession(tokenHash: Uint8Array): StoredSession | null
  /** Oldest first. */
  sessionsOf(operator: string): readonly StoredSession[]
  seeSession(tokenHash: Uint8Array, seenMs: number): void
  /** Whether there was one. */
  endSession(tokenHash: Uint8Array): boolean
  /** How many were ended. */
  endSessionsOf(operator: string): number
  /** Ends full sessions unseen since, full ones begun before, and half-made ones begun before. */
  pruneSessions(limits: {
    readonly seenSinceMs: number
    readonly fullSinceMs: number
    readonly halfMadeSinceMs: number
  }): void
}

export interface AccessToken {
  readonly name: string
  /** Who made it, as the audit log names them. */
  readonly operator: string
  readonly createdMs: number
  readonly expiresMs: number
  readonly revokedMs: number | null
}

export interface TokenBook {
  commit<T>(work: () => T): T
  addToken(token: AccessToken, tokenHash: Uint8Array): void
  findToken(name: string): (AccessToken & { readonly tokenHash: Uint8Array }) | null
  findTokenByHash(tokenHash: Uint8Array): AccessToken | null
  /** Newest first. */
  allTokens(): readonly AccessToken[]
  revokeToken(name: string, revokedMs: number): void
  removeToken(name: string): void
  pruneTokens(endedBeforeMs: number): void
}
