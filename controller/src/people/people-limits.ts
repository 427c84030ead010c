const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Every bound on people in one place; why each is what it is stands in docs/security.md. */
export const PEOPLE_LIMITS = {
  /** Sources: NIST SP 800-63B §5.1.1.2, and more than its eight. */
  passwordMinChars: 12,
  passwordMaxChars: 200,
  /** Passwords hashed at once, and waiting for it. */
  hashesAtOnce: 2,
  hashesWaiting: 16,
  /** Wrong passwords and codes in a row before an account is locked for where they came from, and for how long then. */
  failuresBeforeLock: 5,
  lockMinutes: [1, 2, 4, 8, 15],
  /** After this long without a failure, earlier ones are forgotten. */
  failuresForgottenMs: DAY_MS,
  /** A place from which an operator logged in wholly is known to be theirs for this long. */
  familiarMs: 30 * DAY_MS,
  familiarPlaces: 16,
  /** Log-ins tried from one place, and from all places together that are nobody's. */
  triesPerPlace: { burst: 10, perSecond: 1 / 6 },
  triesOfStrangers: { burst: 20, perSecond: 1 },
  placesRemembered: 10_000,
  sessionIdleMs: 30 * MINUTE_MS,
  sessionMs: 12 * HOUR_MS,
  /** Between password and second factor, setting one up included. */
  halfMadeSessionMs: 15 * MINUTE_MS,
  sessionsPerOperator: 10,
  /** A session's last use is written down this often: each writing waits for the disk. */
  seenEveryMs: MINUTE_MS,
  tokenDays: 365,
  tokenDaysDefault: 90,
  /** A token that has ended is listed this much longer. */
  endedTokensListedMs: 30 * DAY_MS,
} as const
