import type { Audit } from '../audit/audit.ts'
import type { Attempt, AttemptSide, Attempts } from './attempts.ts'
import { type Client, placeOf } from './client.ts'
import type { GuessLimits } from './guess-limits.ts'
import type { Operator } from './operator.ts'
import type { PasswordHashing } from './password-hashing.ts'
import { type OperatorBook, STRANGE_PLACES, type StoredSession } from './people-book.ts'
import type { PeopleKey } from './people-key.ts'
import type { Entered, PeopleRefusal } from './people-outcome.ts'
import { refused } from './people-outcome.ts'
import type { PeoplePolicy } from './people-policy.ts'
import { sessionView } from './session-view.ts'
import type { Sessions } from './sessions.ts'
import { type Stage, stageFor } from './stage.ts'

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

export interface FoundSession {
  readonly ok: true
  readonly session: StoredSession
  readonly operator: Operator
}

/** What somebody failed at. */
export interface Failure {
  readonly action: 'session.log-in' | 'session.second-factor' | 'operator.password'
  readonly error: 'name' | 'password' | 'disabled' | 'code'
}

/** What every step of a log-in has in common. Each call belongs into a transaction of the books. */
export class Entrance {
  readonly #parts: PeopleParts

  constructor(parts: PeopleParts) {
    this.#parts = parts
  }

  /** `stages` null is any. */
  find(token: string, client: Client, stages: readonly Stage[] | null): FoundSession | PeopleRefusal {
    const { operators, sessions } = this.#parts
    const session = sessions.find(token, client)
    const operator = session === null ? null : operators.find(session.operator)
    if (session === null || operator === null || operator.disabledMs !== null) return refused('no-session')
    if (stages !== null && !stages.includes(session.stage)) return refused('wrong-stage')
    return { ok: true, session, operator }
  }

  /** As they are now; null when the password is no longer the one that was looked at while we waited. */
  unchanged(name: string, hashed: string | null): Operator | null {
    const { operators } = this.#parts
    return hashed !== null && operators.credentials(name)?.password === hashed ? operators.find(name) : null
  }

  sideOf({ name }: Operator, { address }: Client): AttemptSide {
    return this.#parts.attempts.sideOf(name, true, placeOf(address))
  }

  /** After the password alone. */
  begin(operator: Operator, client: Client): Entered {
    const stage = stageFor(operator, false, this.#parts.policy)
    return this.#enter(operator, stage, client, this.#parts.sessions.open(operator.name, stage, client))
  }

  /** From one stage to the next. `operator` as they are after it; `hasProven`: their second factor, if they have one. */
  advance({ session }: FoundSession, operator: Operator, hasProven: boolean, client: Client): Entered {
    const stage = stageFor(operator, hasProven, this.#parts.policy)
    return this.#enter(operator, stage, client, this.#parts.sessions.advance(session, stage, client))
  }

  /** Of what was typed nothing is written down: for a name nobody has, it may be somebody's password. */
  noteFailure({ action, error }: Failure, { side, lock }: Attempt & { ok: true }, { address }: Client): void {
    const { audit, nowMs } = this.#parts
    const { failures, lockedUntilMs } = lock
    const subject = error === 'name' ? '' : side.account
    const about = { actor: 'system', subject, purpose: null, ok: false }
    audit.append({ ...about, action, detail: { error, address, failures } })
    if (lockedUntilMs === null) return
    const minutes = Math.ceil((lockedUntilMs - nowMs()) / 60_000)
    const familiarPlace = side.place !== STRANGE_PLACES
    audit.append({ ...about, action: 'session.locked', detail: { address, minutes, failures, familiarPlace } })
  }

  /** Failures are forgotten only when all is proven: with the password alone nobody gets more tries at the code. */
  #enter(operator: Operator, stage: Stage, client: Client, token: string): Entered {
    const { attempts, audit } = this.#parts
    const { name } = operator
    if (stage === 'full') attempts.succeed(this.sideOf(operator, client), placeOf(client.address))
    audit.append({
      actor: name,
      action: stage === 'full' ? 'session.log-in' : 'session.begin',
      subject: name,
      purpose: null,
      ok: true,
      detail: { address: client.address, stage },
    })
    return { ok: true, token, view: sessionView(token, stage, operator) }
  }
}
