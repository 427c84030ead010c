import type { Client } from './client.ts'
import type { Entrance, FoundSession, PeopleParts } from './entrance.ts'
import { type Entered, type PeopleRefusal, refused } from './people-outcome.ts'
import { SECOND_FACTOR_SECRET_BYTES, type SecondFactorOffer, secondFactorOffer, stepOfCode } from './second-factor.ts'

/** The secret to set an authenticator up with; the same one until it is proven. */
export function offerSecondFactor(
  { operators, key, random }: PeopleParts,
  { operator }: FoundSession,
): SecondFactorOffer {
  const { name } = operator
  const sealed = operators.credentials(name)?.sealedSecondFactor ?? null
  if (sealed !== null) return secondFactorOffer(key.open(sealed, name), name)
  const secret = random(SECOND_FACTOR_SECRET_BYTES)
  operators.offerSecondFactor(name, key.seal(secret, name))
  return secondFactorOffer(secret, name)
}

function takeCode({ operators, key, nowMs }: PeopleParts, name: string, code: string): boolean {
  const { sealedSecondFactor: sealed = null, usedStep = null } = operators.credentials(name) ?? {}
  const step = sealed === null ? null : stepOfCode(key.open(sealed, name), code, usedStep, nowMs())
  if (step === null) return false
  operators.useSecondFactor(name, step)
  return true
}

/** At a log-in. Wrong codes count like wrong passwords; the one that locks ends the session, too. */
export function proveSecondFactor(
  parts: PeopleParts,
  entrance: Entrance,
  found: FoundSession,
  code: string,
  client: Client,
): Entered | PeopleRefusal {
  const { attempts, sessions } = parts
  const side = entrance.sideOf(found.operator, client)
  const attempt = attempts.begin(side)
  if (!attempt.ok) return refused('locked', attempt.retryMs)
  if (takeCode(parts, found.operator.name, code)) {
    attempts.giveBack(side)
    return entrance.advance(found, found.operator, true, client)
  }
  entrance.noteFailure({ action: 'session.second-factor', error: 'code' }, attempt, client)
  if (attempt.lock.lockedUntilMs !== null) sessions.end(found.session)
  return refused('second-factor-wrong')
}

/** At the set-up. Wrong codes are not counted: whoever is at this stage was shown the secret. */
export function confirmSecondFactor(
  parts: PeopleParts,
  entrance: Entrance,
  found: FoundSession,
  code: string,
  client: Client,
): Entered | PeopleRefusal {
  const { name } = found.operator
  if (!takeCode(parts, name, code)) return refused('second-factor-wrong')
  const detail = { address: client.address }
  parts.audit.append({ actor: name, action: 'operator.second-factor', subject: name, purpose: null, ok: true, detail })
  return entrance.advance(found, { ...found.operator, secondFactor: true }, true, client)
}
