import type { Audit } from '../audit/audit.ts'
import { SqliteAccessTokens } from '../store/sqlite-access-tokens.ts'
import { SqliteLogInLocks } from '../store/sqlite-log-in-locks.ts'
import { SqliteOperators } from '../store/sqlite-operators.ts'
import { SqliteSessions } from '../store/sqlite-sessions.ts'
import type { SqliteDatabase } from '../store/store.ts'
import { AccessTokens } from './access-tokens.ts'
import { Attempts } from './attempts.ts'
import { GuessLimits } from './guess-limits.ts'
import { Operators } from './operators.ts'
import { PasswordHashing } from './password-hashing.ts'
import { People } from './people.ts'
import type { PeopleKey } from './people-key.ts'
import type { PeoplePolicy } from './people-policy.ts'
import { Sessions } from './sessions.ts'

interface AccountParts {
  readonly db: SqliteDatabase
  /** On the same connection. */
  readonly audit: Audit
  readonly nowMs: () => number
  /** `n` bytes nobody can guess. */
  readonly random: (lengthBytes: number) => Uint8Array
  readonly hashing?: PasswordHashing
}

/** Who may log in, and the tokens of programs: all that a person at the machine itself needs. */
export function makeAccounts({ db, audit, nowMs, random, hashing = new PasswordHashing() }: AccountParts) {
  const operators = new SqliteOperators(db)
  const sessions = new Sessions({ book: new SqliteSessions(db), audit, nowMs, random })
  const attempts = new Attempts(new SqliteLogInLocks(db), nowMs)
  const common = { operators, sessions, attempts, hashing, audit, nowMs, random }
  return {
    common,
    operators: new Operators(common),
    tokens: new AccessTokens({ book: new SqliteAccessTokens(db), operators, audit, nowMs, random }),
  }
}

interface MakePeopleParts extends AccountParts {
  readonly key: PeopleKey
  readonly policy: PeoplePolicy
}

/** All there is about people, on one store. */
export function makePeople({ key, policy, ...parts }: MakePeopleParts): {
  readonly people: People
  readonly operators: Operators
  readonly tokens: AccessTokens
} {
  const { common, operators, tokens } = makeAccounts(parts)
  return { people: new People({ ...common, limits: new GuessLimits(parts.nowMs), key, policy }), operators, tokens }
}
