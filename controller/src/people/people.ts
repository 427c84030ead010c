import type { Client } from './client.ts'
import { Entrance, type PeopleParts } from './entrance.ts'
import { logIn, type TypedLogIn } from './log-in.ts'
import { changePassword, type TypedPasswords } from './password-change.ts'
import type { Entered, PeopleRefusal } from './people-outcome.ts'
import type { SecondFactorOffer } from './second-factor.ts'
import { confirmSecondFactor, offerSecondFactor, proveSecondFactor } from './second-factor-steps.ts'
import { type SessionView, sessionView } from './session-view.ts'

/**
 * Log-ins and what they lead to. What somebody fails at is a value; nothing of what they typed is written down. A session's
 * token is needed for all but the first step, from the place and with the user agent it was begun with.
 */
export class People {
  readonly #parts: PeopleParts
  readonly #entrance: Entrance

  constructor(parts: PeopleParts) {
    this.#parts = parts
    this.#entrance = new Entrance(parts)
  }

  /** Refused: `log-in-failed`, `locked`, `too-many`, `busy`. */
  logIn(given: TypedLogIn, client: Client): Promise<Entered | PeopleRefusal> {
    return logIn(this.#parts, this.#entrance, given, client)
  }

  /**
   * At the stage `change-password`, or with the current password at any later time. Refused: the faults of passwords,
   * `password-same`, `log-in-failed`, `locked`, `busy`, `no-session`, `wrong-stage`.
   */
  changePassword(token: string, client: Client, given: TypedPasswords): Promise<Entered | PeopleRefusal> {
    return changePassword(this.#parts, this.#entrance, token, client, given)
  }

  /** What an authenticator is to be set up with; the same until it is proven. Refused: `no-session`, `wrong-stage`. */
  offerSecondFactor(token: string, client: Client): ({ readonly ok: true } & SecondFactorOffer) | PeopleRefusal {
    return this.#parts.operators.commit(() => {
      const found = this.#entrance.find(token, client, ['set-up-second-factor'])
      return found.ok ? { ok: true, ...offerSecondFactor(this.#parts, found) } : found
    })
  }

  /**
   * With a code of the authenticator, at the set-up and at each log-in. Refused: `second-factor-wrong`, `locked`, `no-session`,
   * `wrong-stage`.
   */
  proveSecondFactor(token: string, client: Client, code: string): Entered | PeopleRefusal {
    return this.#parts.operators.commit(() => {
      const found = this.#entrance.find(token, client, ['second-factor', 'set-up-second-factor'])
      if (!found.ok) return found
      const prove = found.session.stage === 'second-factor' ? proveSecondFactor : confirmSecondFactor
      return prove(this.#parts, this.#entrance, found, code, client)
    })
  }

  /** Null when there is none. `touch: false` looks without keeping it alive, for streams that stay open for long. */
  session(token: string, client: Client, { touch = true }: { readonly touch?: boolean } = {}): SessionView | null {
    const { operators, sessions } = this.#parts
    return operators.commit(() => {
      const found = this.#entrance.find(token, client, null)
      if (!found.ok) return null
      if (touch) sessions.see(found.session)
      return sessionView(token, found.session.stage, found.operator)
    })
  }

  logOut(token: string, client: Client): void {
    const { operators, sessions, audit } = this.#parts
    operators.commit(() => {
      const found = this.#entrance.find(token, client, null)
      if (!found.ok) return
      sessions.end(found.session)
      const { name } = found.operator
      const detail = { address: client.address }
      audit.append({ actor: name, action: 'session.log-out', subject: name, purpose: null, ok: true, detail })
    })
  }
}
