import type { Client } from './client.ts'
import type { Entrance, PeopleParts } from './entrance.ts'
import { readOneTimePassword } from './one-time-password.ts'
import type { Operator } from './operator.ts'
import { passwordFault } from './password-rules.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'
import { type Entered, type PeopleRefusal, refused, refusedAsBusy } from './people-outcome.ts'

export interface TypedPasswords {
  readonly newPassword: string
  /** Asked for once the log-in is complete: an unlocked screen is not enough to take an account over. */
  readonly currentPassword?: string
}

async function proveAgain(
  { operators, attempts, hashing }: PeopleParts,
  entrance: Entrance,
  { operator, hashed }: { readonly operator: Operator; readonly hashed: string | null },
  password: string,
  client: Client,
): Promise<PeopleRefusal | null> {
  const side = entrance.sideOf(operator, client)
  const attempt = operators.commit(() => attempts.begin(side))
  if (!attempt.ok) return refused('locked', attempt.retryMs)
  const isRight = password.length <= PEOPLE_LIMITS.passwordMaxChars && (await hashing.verify(hashed, password))
  return operators.commit(() => {
    if (isRight) {
      attempts.giveBack(side)
      return null
    }
    entrance.noteFailure({ action: 'operator.password', error: 'password' }, attempt, client)
    return refused('log-in-failed')
  })
}

/** In whatever way a one-time password can be typed. */
async function isSame({ hashing }: PeopleParts, hashed: string | null, newPassword: string): Promise<boolean> {
  if (await hashing.verify(hashed, newPassword)) return true
  const asOneTime = readOneTimePassword(newPassword)
  return asOneTime !== null && asOneTime !== newPassword && hashing.verify(hashed, asOneTime)
}

/** Ends all other sessions of the operator's. */
export async function changePassword(
  parts: PeopleParts,
  entrance: Entrance,
  token: string,
  client: Client,
  given: TypedPasswords,
): Promise<Entered | PeopleRefusal> {
  const { operators, sessions, hashing, audit } = parts
  const found = operators.commit(() => entrance.find(token, client, ['change-password', 'full']))
  if (!found.ok) return found
  const { operator, session } = found
  const { name } = operator
  const fault = passwordFault(given.newPassword, name)
  if (fault !== null) return refused(fault)
  if (hashing.isBusy) return refusedAsBusy()
  const hashed = operators.credentials(name)?.password ?? null
  if (session.stage === 'full') {
    const again = await proveAgain(parts, entrance, { operator, hashed }, given.currentPassword ?? '', client)
    if (again !== null) return again
  }
  if (await isSame(parts, hashed, given.newPassword)) return refused('password-same')
  const renewed = await hashing.hash(given.newPassword)
  return operators.commit(() => {
    const still = entrance.find(token, client, [session.stage])
    if (!still.ok || entrance.unchanged(name, hashed) === null) return refused('no-session')
    operators.setPassword(name, renewed, false)
    const detail = { address: client.address, sessionsEnded: sessions.endAllOf(name) - 1 }
    audit.append({ actor: name, action: 'operator.password', subject: name, purpose: null, ok: true, detail })
    // Proven already: a second factor is asked for before this stage, and setting one up comes after it.
    return entrance.advance(still, { ...still.operator, mustChange: false }, true, client)
  })
}
