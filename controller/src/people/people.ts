import type { Audit } from '../audit/audit.ts'
import type { AttemptSide, Attempts } from './attempts.ts'
import { type Client, placeOf } from './client.ts'
import type { GuessLimits } from './guess-limits.ts'
import { readOneTimePassword } from './one-time-password.ts'
import { isOperatorName, type Operator } from './operator.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { type PasswordFault, passwordFault } from './password-rules.ts'
import type { OperatorBook, StoredSession } from './people-book.ts'
import type { PeopleKey } from './people-key.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'
import type { PeoplePolicy } from './people-policy.ts'
import { SECOND_FACTOR_SECRET_BYTES, type SecondFactorOffer, secondFactorOffer, stepOfCode } from './second-factor.ts'
import { type SessionView, sessionView } from './session-view.ts'
import type { Sessions } from './sessions.ts'
import { type Stage, stageFor } from './stage.ts'

const BUSY_RETRY_MS = 1000

export interface PeopleParts {
  readonly operators: OperatorBook
  readonly sessions: Sessions
  readonly attempts: Attempts
  readonly limits: GuessLimits
  readonly hashing: PasswordHashing
  readonly key: PeopleKey
  /** On the books' own connection. */
  readonly audit: Audit
  readonly policy: PeoplePolicy
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
}

export type PeopleRefusalCode =
  | PasswordFault
  | 'log-in-failed' // name, password or account, and nobody is told which
  | 'second-factor-wrong'
  | 'password-same'
  | 'no-session'
  | 'wrong-stage'
  | 'locked'
  | 'too-many'
  | 'busy'

export interface PeopleRefusal {
  readonly ok: false
  readonly error: PeopleRefusalCode
  /** Of `locked`, `too-many` and `busy`; else null. */
  readonly retryMs: number | null
}

/** A session at its next stage. `token` replaces the one before and is shown once. */
export interface Entered {
  readonly ok: true
  readonly token: string
  readonly view: SessionView
}

interface Found {
  readonly ok: true
  readonly session: StoredSession
  readonly operator: Operator
}

function refused(error: PeopleRefusalCode, retryMs: number | null = null): PeopleRefusal {
  return { ok: false, error, retryMs }
}

/** Log-ins and what they lead to. What somebody fails at is a value; nothing of what they typed is written down. */
export class People {
  readonly #parts: PeopleParts

  constructor(parts: PeopleParts) {
    this.#parts = parts
  }

  /** With name and password. Refused: `log-in-failed`, `locked`, `too-many`, `busy`. */
  async logIn(
    given: { readonly name: string; readonly password: string },
    client: Client,
  ): Promise<Entered | PeopleRefusal> {
    const { operators, attempts, limits, hashing } = this.#parts
    const name = given.name.trim().toLowerCase()
    const place = placeOf(client.address)
    const known = isOperatorName(name) ? operators.find(name) : null
    const waitMs = limits.spend(place, known !== null && attempts.isFamiliar(name, place))
    if (waitMs > 0) return refused('too-many', waitMs)
    if (hashing.isBusy) return refused('busy', BUSY_RETRY_MS)
    const side = attempts.sideOf(name, known !== null, place)
    const attempt = operators.commit(() => attempts.begin(side))
    if (!attempt.ok) return refused('locked', attempt.retryMs)
    const hashed = known === null ? null : (operators.credentials(name)?.password ?? null)
    const typed = (known?.mustChange ? readOneTimePassword(given.password) : null) ?? given.password
    const isRight = typed.length <= PEOPLE_LIMITS.passwordMaxChars && (await hashing.verify(hashed, typed))
    const renewed = isRight && hashed !== null && hashing.isDated(hashed) ? await hashing.hash(typed) : null
    return operators.commit(() => {
      const operator = isRight ? this.#unchanged(name, hashed) : null
      if (operator === null || operator.disabledMs !== null) {
        const error = known === null ? 'name' : operator === null ? 'password' : 'disabled'
        this.#noteFailure('session.log-in', error, { ...attempt, known: known !== null }, client)
        return refused('log-in-failed')
      }
      attempts.giveBack(side)
      if (renewed !== null) operators.setPassword(name, renewed, operator.mustChange)
      const stage = stageFor(operator, false, this.#parts.policy)
      return this.#enter(operator, stage, side, client, this.#parts.sessions.open(name, stage, client))
    })
  }

  /**
   * Of an operator at the stage `change-password`, or at any later time of one who gives the current password once more. Ends all
   * other sessions of theirs.
   */
  async changePassword(
    token: string,
    client: Client,
    given: { readonly newPassword: string; readonly currentPassword?: string },
  ): Promise<Entered | PeopleRefusal> {
    const { operators, sessions, hashing, audit, policy } = this.#parts
    const found = operators.commit(() => this.#find(token, client, ['change-password', 'full']))
    if (!found.ok) return found
    const { name } = found.operator
    const fault = passwordFault(given.newPassword, name)
    if (fault !== null) return refused(fault)
    if (hashing.isBusy) return refused('busy', BUSY_RETRY_MS)
    const hashed = operators.credentials(name)?.password ?? null
    if (found.session.stage === 'full') {
      const again = await this.#proveAgain(found.operator, hashed, given.currentPassword ?? '', client)
      if (again !== null) return again
    }
    if (await this.#isSame(hashed, given.newPassword)) return refused('password-same')
    const renewed = await hashing.hash(given.newPassword)
    return operators.commit(() => {
      const still = this.#find(token, client, [found.session.stage])
      if (!still.ok || this.#unchanged(name, hashed) === null) return refused('no-session')
      operators.setPassword(name, renewed, false)
      const ended = sessions.endAllOf(name) - 1
      audit.append({
        actor: name,
        action: 'operator.password',
        subject: name,
        purpose: null,
        ok: true,
        detail: { address: client.address, sessionsEnded: ended },
      })
      const operator = { ...still.operator, mustChange: false }
      const side = this.#parts.attempts.sideOf(name, true, placeOf(client.address))
      // whoever has a second factor was asked for it before this stage
      const stage = stageFor(operator, operator.secondFactor, policy)
      return this.#enter(operator, stage, side, client, sessions.advance(still.session, stage, client))
    })
  }

  /** What an authenticator is to be set up with; the same until it is proven. Refused: `no-session`, `wrong-stage`. */
  offerSecondFactor(token: string, client: Client): ({ readonly ok: true } & SecondFactorOffer) | PeopleRefusal {
    const { operators, key, random } = this.#parts
    return operators.commit(() => {
      const found = this.#find(token, client, ['set-up-second-factor'])
      if (!found.ok) return found
      const { name } = found.operator
      const sealed = operators.credentials(name)?.sealedSecondFactor ?? null
      const secret = sealed === null ? random(SECOND_FACTOR_SECRET_BYTES) : key.open(sealed, name)
      if (sealed === null) operators.offerSecondFactor(name, key.seal(secret, name))
      return { ok: true, ...secondFactorOffer(secret, name) }
    })
  }

  /** With a code of the authenticator, at the set-up and at each log-in. Refused: `second-factor-wrong`, `locked`, and no session. */
  proveSecondFactor(token: string, client: Client, code: string): Entered | PeopleRefusal {
    const { operators } = this.#parts
    return operators.commit(() => {
      const found = this.#find(token, client, ['second-factor', 'set-up-second-factor'])
      if (!found.ok) return found
      return found.session.stage === 'second-factor'
        ? this.#proveCode(found, code, client)
        : this.#confirmSetUp(found, code, client)
    })
  }

  /** Null when there is none. `touch: false` looks without keeping it alive, for streams that are long open. */
  session(token: string, client: Client, { touch = true }: { readonly touch?: boolean } = {}): SessionView | null {
    const { operators, sessions } = this.#parts
    return operators.commit(() => {
      const found = this.#find(token, client, null)
      if (!found.ok) return null
      if (touch) sessions.see(found.session)
      return sessionView(token, found.session.stage, found.operator)
    })
  }

  logOut(token: string, client: Client): void {
    const { operators, sessions, audit } = this.#parts
    operators.commit(() => {
      const found = this.#find(token, client, null)
      if (!found.ok) return
      sessions.end(found.session)
      const { name } = found.operator
      const detail = { address: client.address }
      audit.append({ actor: name, action: 'session.log-out', subject: name, purpose: null, ok: true, detail })
    })
  }

  #find(token: string, client: Client, stages: readonly Stage[] | null): Found | PeopleRefusal {
    const { operators, sessions } = this.#parts
    const session = sessions.find(token, client)
    const operator = session === null ? null : operators.find(session.operator)
    if (session === null || operator === null || operator.disabledMs !== null) return refused('no-session')
    if (stages !== null && !stages.includes(session.stage)) return refused('wrong-stage')
    return { ok: true, session, operator }
  }

  /** As they are now, null when the password is no longer the one that was looked at while we waited. */
  #unchanged(name: string, hashed: string | null): Operator | null {
    const { operators } = this.#parts
    return operators.credentials(name)?.password === hashed ? operators.find(name) : null
  }

  async #proveAgain(
    { name }: Operator,
    hashed: string | null,
    password: string,
    client: Client,
  ): Promise<PeopleRefusal | null> {
    const { operators, attempts, hashing } = this.#parts
    const side = attempts.sideOf(name, true, placeOf(client.address))
    const attempt = operators.commit(() => attempts.begin(side))
    if (!attempt.ok) return refused('locked', attempt.retryMs)
    const isRight = password.length <= PEOPLE_LIMITS.passwordMaxChars && (await hashing.verify(hashed, password))
    return operators.commit(() => {
      if (isRight) {
        attempts.giveBack(side)
        return null
      }
      this.#noteFailure('operator.password', 'password', { ...attempt, known: true }, client)
      return refused('log-in-failed')
    })
  }

  async #isSame(hashed: string | null, newPassword: string): Promise<boolean> {
    const { hashing } = this.#parts
    const asOneTime = readOneTimePassword(newPassword)
    if (await hashing.verify(hashed, newPassword)) return true
    return asOneTime !== null && asOneTime !== newPassword && hashing.verify(hashed, asOneTime)
  }

  #proveCode({ session, operator }: Found, code: string, client: Client): Entered | PeopleRefusal {
    const { operators, sessions, attempts, key, nowMs, policy } = this.#parts
    const { name } = operator
    const side = attempts.sideOf(name, true, placeOf(client.address))
    const attempt = attempts.begin(side)
    if (!attempt.ok) return refused('locked', attempt.retryMs)
    const { sealedSecondFactor: sealed = null, usedStep = null } = operators.credentials(name) ?? {}
    const step = sealed === null ? null : stepOfCode(key.open(sealed, name), code, usedStep, nowMs())
    if (step === null) {
      this.#noteFailure('session.second-factor', 'code', { ...attempt, known: true }, client)
      if (attempt.lock.lockedUntilMs !== null) sessions.end(session)
      return refused('second-factor-wrong')
    }
    operators.useSecondFactor(name, step)
    attempts.giveBack(side)
    const stage = stageFor(operator, true, policy)
    return this.#enter(operator, stage, side, client, sessions.advance(session, stage, client))
  }

  /** Wrong codes are not counted here: whoever is at this stage was shown the secret. */
  #confirmSetUp({ session, operator }: Found, code: string, client: Client): Entered | PeopleRefusal {
    const { operators, sessions, attempts, key, audit, nowMs, policy } = this.#parts
    const { name } = operator
    const sealed = operators.credentials(name)?.sealedSecondFactor ?? null
    const step = sealed === null ? null : stepOfCode(key.open(sealed, name), code, null, nowMs())
    if (step === null) return refused('second-factor-wrong')
    operators.useSecondFactor(name, step)
    const detail = { address: client.address }
    audit.append({ actor: name, action: 'operator.second-factor', subject: name, purpose: null, ok: true, detail })
    const proven = { ...operator, secondFactor: true }
    const stage = stageFor(proven, true, policy)
    const side = attempts.sideOf(name, true, placeOf(client.address))
    return this.#enter(proven, stage, side, client, sessions.advance(session, stage, client))
  }

  /** Failures are forgotten only here: with the password alone nobody gets more tries at the code. */
  #enter(operator: Operator, stage: Stage, side: AttemptSide, client: Client, token: string): Entered {
    const { attempts, audit } = this.#parts
    const { name } = operator
    if (stage === 'full') attempts.succeed(side, placeOf(client.address))
    const action = stage === 'full' ? 'session.log-in' : 'session.begin'
    const detail = { address: client.address, stage }
    audit.append({ actor: name, action, subject: name, purpose: null, ok: true, detail })
    return { ok: true, token, view: sessionView(token, stage, operator) }
  }

  /** What was typed for a name nobody has may be somebody's password: it is not written down. */
  #noteFailure(
    action: string,
    error: string,
    {
      side,
      lock,
      known,
    }: {
      readonly side: AttemptSide
      readonly lock: { readonly failures: number; readonly lockedUntilMs: number | null }
      readonly known: boolean
    },
    { address }: Client,
  ): void {
    const { audit, nowMs } = this.#parts
    const about = { actor: 'system', subject: known ? side.account : '', purpose: null, ok: false }
    audit.append({ ...about, action, detail: { error, address, failures: lock.failures } })
    if (lock.lockedUntilMs === null) return
    const minutes = Math.ceil((lock.lockedUntilMs - nowMs()) / 60_000)
    audit.append({
      ...about,
      action: 'session.locked',
      detail: { address, minutes, failures: lock.failures, familiarPlace: side.place !== '' },
    })
  }
}
