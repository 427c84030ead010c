/*
 * The one-time code that makes a box one of the county's.
 *
 *   34 bytes = secret (16) ‖ pin (16) ‖ check (2)        as text: 55 signs of Crockford's base32, in groups of five
 *   pin = SHA-256("ankang/v1 enrolment pin" ‖ SHA-256(CA certificate, DER) ‖ SHA-256(trust file's bytes))[0..16]
 *   check = SHA-256(secret ‖ pin)[0..2]: a slip of the hand is noticed before anything is sent
 *
 * As a QR the groups stand behind `AKE1:`, without hyphens. The secret shows the box to the centre, the pin the centre to the box.
 */
import { concatBytes, equalBytes, utf8 } from '../codec/bytes.ts'
import type { Decoded } from '../codec/cbor.ts'
import { sha256 } from '../crypto.ts'
import { BugError } from '../errors.ts'

export const ENROLMENT_SECRET_BYTES = 16
const PIN_BYTES = 16
const CODE_BYTES = 34
const CODE_SIGNS = 55
const GROUP = 5
const PREFIX = 'AKE1:'
/** Without I, L, O and U, which hands and eyes mistake. */
const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export interface EnrolmentCode {
  /** 128 bits, known to whoever holds the code. */
  readonly secret: Uint8Array
  readonly pin: Uint8Array
}

/** What a box may believe before it believes anything. */
export function enrolmentPin(caCertificateDer: Uint8Array, trustFile: Uint8Array): Uint8Array {
  return sha256(utf8('ankang/v1 enrolment pin'), sha256(caCertificateDer), sha256(trustFile)).subarray(0, PIN_BYTES)
}

function checkOf(secret: Uint8Array, pin: Uint8Array): Uint8Array {
  return sha256(secret, pin).subarray(0, CODE_BYTES - ENROLMENT_SECRET_BYTES - PIN_BYTES)
}

function toSigns(bytes: Uint8Array): string {
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  bits <<= BigInt(CODE_SIGNS * GROUP - bytes.length * 8)
  let signs = ''
  for (let place = CODE_SIGNS - 1; place >= 0; place--) signs += SIGNS[Number((bits >> BigInt(place * 5)) & 31n)]
  return signs
}

function fromSigns(signs: string): Uint8Array | null {
  let bits = 0n
  for (const sign of signs) {
    const value = SIGNS.indexOf(sign)
    if (value < 0) return null
    bits = (bits << 5n) | BigInt(value)
  }
  const spare = BigInt(CODE_SIGNS * 5 - CODE_BYTES * 8)
  if ((bits & ((1n << spare) - 1n)) !== 0n) return null
  bits >>= spare
  return Uint8Array.from({ length: CODE_BYTES }, (_, place) =>
    Number((bits >> BigInt((CODE_BYTES - 1 - place) * 8)) & 255n),
  )
}

/** `typed` for hands, groups of five with hyphens; `qr` for the box's own scanner. */
export function encodeEnrolmentCode({ secret, pin }: EnrolmentCode): { readonly typed: string; readonly qr: string } {
  if (secret.length !== ENROLMENT_SECRET_BYTES || pin.length !== PIN_BYTES)
    throw new BugError('enrolment-code-parts', `expected ${ENROLMENT_SECRET_BYTES} and ${PIN_BYTES} bytes`)
  const signs = toSigns(concatBytes(secret, pin, checkOf(secret, pin)))
  return { typed: signs.match(/.{5}/g)?.join('-') ?? signs, qr: `${PREFIX}${signs}` }
}

/** Reads either spelling: lower case, spaces and hyphens are as good, and O, I and L are taken for what they resemble. */
export function decodeEnrolmentCode(text: string): Decoded<EnrolmentCode> {
  if (text.length > 200) return { ok: false, detail: `longer than a code, which has ${CODE_SIGNS} signs` }
  const upper = text.trim().toUpperCase()
  const signs = (upper.startsWith(PREFIX) ? upper.slice(PREFIX.length) : upper)
    .replace(/[\s-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  if (signs.length !== CODE_SIGNS) return { ok: false, detail: `expected ${CODE_SIGNS} signs, got ${signs.length}` }
  const bytes = fromSigns(signs)
  if (bytes === null) return { ok: false, detail: 'a sign that no code has' }
  const secret = bytes.subarray(0, ENROLMENT_SECRET_BYTES)
  const pin = bytes.subarray(ENROLMENT_SECRET_BYTES, ENROLMENT_SECRET_BYTES + PIN_BYTES)
  if (!equalBytes(checkOf(secret, pin), bytes.subarray(ENROLMENT_SECRET_BYTES + PIN_BYTES)))
    return { ok: false, detail: 'mistyped: the check at its end does not fit' }
  return { ok: true, value: { secret, pin } }
}

/** Whether what a scanner read is such a code, good or bad: then it is nobody's health code. */
export function isEnrolmentCode(text: string): boolean {
  return text.startsWith(PREFIX)
}
