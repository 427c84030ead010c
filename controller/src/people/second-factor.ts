/* Time-based one-time passwords as authenticators make them: SHA-1, 30 s, six digits. Source: RFC 6238. */
import { Secret, TOTP } from 'otpauth'

export const SECOND_FACTOR_SECRET_BYTES = 20
const STEP_SECONDS = 30
/** One step early or late: clocks of phones differ, and typing takes time. */
const WINDOW = 1
const ISSUER = '安康码 Ankang'

function totp(secret: Uint8Array, operator: string): TOTP {
  const buffer = new Uint8Array(secret).buffer
  return new TOTP({
    issuer: ISSUER,
    label: operator,
    algorithm: 'SHA1',
    digits: 6,
    period: STEP_SECONDS,
    secret: new Secret({ buffer }),
  })
}

/** What an authenticator needs, for a QR code and for hands. */
export interface SecondFactorOffer {
  /** otpauth://totp/… */
  readonly uri: string
  /** The secret in base32. */
  readonly secret: string
}

export function secondFactorOffer(secret: Uint8Array, operator: string): SecondFactorOffer {
  const one = totp(secret, operator)
  return { uri: one.toString(), secret: one.secret.base32 }
}

/**
 * The step a code belongs to, null when it is wrong. No step up to `usedStep` is taken again: a code somebody has looked at over a
 * shoulder is worth nothing once it was used.
 */
export function stepOfCode(secret: Uint8Array, code: string, usedStep: number | null, nowMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const delta = totp(secret, '').validate({ token: code, timestamp: nowMs, window: WINDOW })
  if (delta === null) return null
  const step = Math.floor(nowMs / 1000 / STEP_SECONDS) + delta
  return usedStep === null || step > usedStep ? step : null
}
