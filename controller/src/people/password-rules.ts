import { COMMON_PASSWORDS, COMMON_WORDS } from './common-passwords.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'

export type PasswordFault = 'password-too-short' | 'password-too-long' | 'password-weak'

const LEAST_DIFFERENT = 5
/** Shorter names are in too many good passwords. */
const LEAST_NAME = 3
/** What must be left of a password without its common words, digits and signs. */
const LEAST_REST = 6

/** The same password, however a keyboard composes its signs. Source: NIST SP 800-63B §5.1.1.2. */
export function normalPassword(password: string): string {
  return password.normalize('NFKC')
}

/** Each sign one after, one before, or the same as the last: 123456789012, abcdefghijkl, lkjihgfedcba. */
function isRun(signs: readonly string[]): boolean {
  const steps = signs.slice(1).map((sign, at) => (sign.codePointAt(0) ?? 0) - (signs[at]?.codePointAt(0) ?? 0))
  const wrapped = steps.filter(step => step !== -9 && step !== 9) // from 9 to 0 and back
  return [1, -1, 0].some(step => wrapped.every(one => one === step))
}

/** `word` is all there is but digits and signs. */
function isMostly(password: string, word: string): boolean {
  if (!password.includes(word)) return false
  return (
    [
      ...password
        .split(word)
        .join('')
        .replace(/[\d\p{P}\p{S}\s]/gu, ''),
    ].length < LEAST_REST
  )
}

/**
 * Null when it may be used. Length, and nothing that is guessed first; no rules of composition, which make passwords worse.
 * Source: NIST SP 800-63B Appendix A.
 */
export function passwordFault(typed: string, operator: string): PasswordFault | null {
  const password = normalPassword(typed)
  const signs = [...password]
  if (signs.length < PEOPLE_LIMITS.passwordMinChars) return 'password-too-short'
  if (typed.length > PEOPLE_LIMITS.passwordMaxChars) return 'password-too-long'
  const lower = password.toLowerCase()
  const isWeak =
    COMMON_PASSWORDS.has(lower) ||
    (operator.length >= LEAST_NAME && lower.includes(operator.toLowerCase())) ||
    new Set(signs).size < LEAST_DIFFERENT ||
    isRun([...lower]) ||
    COMMON_WORDS.some(word => isMostly(lower, word))
  return isWeak ? 'password-weak' : null
}
