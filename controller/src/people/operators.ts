import type { Audit, AuditEntry } from '../audit/audit.ts'
import type { Attempts } from './attempts.ts'
import { makeOneTimePassword } from './one-time-password.ts'
import { isOperatorName, type Operator, type OperatorView } from './operator.ts'
import type { PasswordHashing } from './password-hashing.ts'
import type { OperatorBook } from './people-book.ts'
import type { Role } from './principal.ts'
import type { Sessions } from './sessions.ts'

export interface OperatorsParts {
  readonly operators: OperatorBook
  readonly sessions: Sessions
  readonly attempts: Attempts
  readonly hashing: PasswordHashing
  /** On the books' own connection. */
  readonly audit: Audit
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

export const OPERATOR_REFUSALS = [
  'name-invalid',
  'name-taken',
  'operator-unknown',
  'own-account', // nobody changes what they may themselves
  'last-security-administrator', // somebody must remain who can let others in
] as const

export interface OperatorRefusal {
  readonly ok: false
  readonly error: (typeof OPERATOR_REFUSALS)[number]
}

export type WithOneTimePassword = { readonly ok: true; readonly oneTimePassword: string } | OperatorRefusal
export type OperatorChanged = { readonly ok: true } | OperatorRefusal

const FIRST_OPERATOR = 'admin'

function refused(error: OperatorRefusal['error']): OperatorRefusal {
  return { ok: false, error }
}

type Change = (operator: Operator) => AuditEntry['detail'] | OperatorRefusal['error']

/** Who may log in, and as what. `actor` is as the audit log names them: an operator's name, or `local:USER`. */
export class Operators {
  readonly #parts: OperatorsParts

  constructor(parts: OperatorsParts) {
    this.#parts = parts
  }

  /** By name. */
  list(): readonly OperatorView[] {
    const { operators, sessions, attempts } = this.#parts
    return operators.all().map(operator => ({
      ...operator,
      lockedUntilMs: attempts.strangersLockedUntilMs(operator.name),
      sessions: sessions.of(operator.name).length,
    }))
  }

  /** Makes the first one where there is none. Its password is to be printed, once; null where there is somebody. */
  async ensureFirst(): Promise<{ readonly name: string; readonly oneTimePassword: string } | null> {
    const { operators } = this.#parts
    const isNobody = (): boolean => operators.all().length === 0
    if (!isNobody()) return null
    const made = await this.#add(FIRST_OPERATOR, 'security-administrator', 'system', isNobody)
    return made.ok ? { name: FIRST_OPERATOR, oneTimePassword: made.oneTimePassword } : null
  }

  /** Refused: `name-invalid`, `name-taken`. */
  async create(name: string, role: Role, actor: string): Promise<WithOneTimePassword> {
    if (!isOperatorName(name)) return refused('name-invalid')
    return this.#add(name, role, actor, () => this.#parts.operators.find(name) === null)
  }

  /**
   * For whoever has lost password or authenticator: both are void, sessions end, locks and known places are forgotten. Refused:
   * `operator-unknown`, `own-account`.
   */
  async reset(name: string, actor: string): Promise<WithOneTimePassword> {
    const { operators, sessions, attempts } = this.#parts
    const { oneTimePassword, hashed } = await this.#makePassword()
    const changed = this.#change(name, actor, 'operator.reset', () => {
      operators.setPassword(name, hashed, true)
      operators.offerSecondFactor(name, null)
      attempts.forget(name, 'failures and places')
      return { sessionsEnded: sessions.endAllOf(name) }
    })
    return changed.ok ? { ok: true, oneTimePassword } : changed
  }

  /** Ends their sessions. Refused: `operator-unknown`, `own-account`, `last-security-administrator`. */
  setRole(name: string, role: Role, actor: string): OperatorChanged {
    const { operators, sessions } = this.#parts
    return this.#change(name, actor, 'operator.role', operator => {
      if (role !== 'security-administrator' && this.#isLast(operator)) return 'last-security-administrator'
      if (role === operator.role) return { from: role, to: role, sessionsEnded: 0 }
      operators.setRole(name, role)
      return { from: operator.role, to: role, sessionsEnded: sessions.endAllOf(name) }
    })
  }

  /**
   * Disabling ends their sessions, and their access tokens are not taken meanwhile; enabling forgets failed log-ins. Refused:
   * `operator-unknown`, `own-account`, `last-security-administrator`.
   */
  setDisabled(name: string, disabled: boolean, actor: string): OperatorChanged {
    const { operators, sessions, attempts, nowMs } = this.#parts
    return this.#change(name, actor, disabled ? 'operator.disable' : 'operator.enable', operator => {
      if (disabled && this.#isLast(operator)) return 'last-security-administrator'
      if (!disabled) attempts.forget(name, 'failures')
      operators.setDisabled(name, disabled ? (operator.disabledMs ?? nowMs()) : null)
      return { sessionsEnded: disabled ? sessions.endAllOf(name) : 0 }
    })
  }

  #isLast(operator: Operator): boolean {
    const isOne = (one: Operator): boolean => one.role === 'security-administrator' && one.disabledMs === null
    if (!isOne(operator)) return false
    return !this.#parts.operators.all().some(other => other.name !== operator.name && isOne(other))
  }

  async #makePassword(): Promise<{ readonly oneTimePassword: string; readonly hashed: string }> {
    const oneTimePassword = makeOneTimePassword(this.#parts.random)
    return { oneTimePassword, hashed: await this.#parts.hashing.hash(oneTimePassword) }
  }

  /** `isFree` is asked within the transaction: hashing takes time, and another process may be at it as well. */
  async #add(name: string, role: Role, actor: string, isFree: () => boolean): Promise<WithOneTimePassword> {
    const { operators, audit, nowMs } = this.#parts
    const { oneTimePassword, hashed } = await this.#makePassword()
    return operators.commit(() => {
      const isDone = isFree()
      const trace = { actor, action: 'operator.create', subject: name, purpose: null, ok: isDone }
      audit.append({ ...trace, detail: isDone ? { role } : { role, error: 'name-taken' } })
      if (!isDone) return refused('name-taken')
      const fresh = { mustChange: true, secondFactor: false, disabledMs: null, createdMs: nowMs() }
      operators.add({ name, role, ...fresh }, hashed)
      return { ok: true, oneTimePassword }
    })
  }

  #change(name: string, actor: string, action: string, change: Change): OperatorChanged {
    const { operators, audit } = this.#parts
    return operators.commit(() => {
      const operator = operators.find(name)
      if (operator === null) return refused('operator-unknown')
      const outcome = name === actor ? 'own-account' : change(operator)
      const ok = typeof outcome !== 'string'
      audit.append({ actor, action, subject: name, purpose: null, ok, detail: ok ? outcome : { error: outcome } })
      return ok ? { ok } : refused(outcome)
    })
  }
}
