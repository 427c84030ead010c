import { type Client, placeOf } from './client.ts'
import type { Entrance, PeopleParts } from './entrance.ts'
import { readOneTimePassword } from './one-time-password.ts'
import { isOperatorName } from './operator.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'
import { type Entered, type PeopleRefusal, refused, refusedAsBusy } from './people-outcome.ts'

export interface TypedLogIn {
  readonly name: string
  readonly password: string
}

/**
 * The first step. A name nobody has costs what a known one costs, in time, tries and locks; a try is counted before the password
 * is looked at, so that many at once are many.
 */
export async function logIn(
  { operators, attempts, limits, hashing }: PeopleParts,
  entrance: Entrance,
  given: TypedLogIn,
  client: Client,
): Promise<Entered | PeopleRefusal> {
  const name = given.name.trim().toLowerCase()
  const place = placeOf(client.address)
  const known = isOperatorName(name) ? operators.find(name) : null
  const waitMs = limits.spend(place, known !== null && attempts.isFamiliar(name, place))
  if (waitMs > 0) return refused('too-many', waitMs)
  if (hashing.isBusy) return refusedAsBusy()
  const side = attempts.sideOf(name, known !== null, place)
  const attempt = operators.commit(() => attempts.begin(side))
  if (!attempt.ok) return refused('locked', attempt.retryMs)
  const hashed = known === null ? null : (operators.credentials(name)?.password ?? null)
  const typed = (known?.mustChange ? readOneTimePassword(given.password) : null) ?? given.password
  const isRight = typed.length <= PEOPLE_LIMITS.passwordMaxChars && (await hashing.verify(hashed, typed))
  const renewed = isRight && hashed !== null && hashing.isDated(hashed) ? await hashing.hash(typed) : null
  return operators.commit(() => {
    const operator = isRight ? entrance.unchanged(name, hashed) : null
    if (operator === null || operator.disabledMs !== null) {
      const error = known === null ? 'name' : operator === null ? 'password' : 'disabled'
      entrance.noteFailure({ action: 'session.log-in', error }, attempt, client)
      return refused('log-in-failed')
    }
    attempts.giveBack(side)
    if (renewed !== null) operators.setPassword(name, renewed, operator.mustChange)
    return entrance.begin(operator, client)
  })
}
