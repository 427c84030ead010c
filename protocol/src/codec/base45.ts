/*
 * Base45, RFC 9285: two bytes become three digits (least significant first), one left-over byte becomes two.
 *
 *   n = a·256 + b = c + d·45 + e·45²      alphabet: 0-9 A-Z space $ % * + - . / :
 */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const INVALID = 0xff

const VALUES = new Uint8Array(256).fill(INVALID)
for (let digit = 0; digit < ALPHABET.length; digit++) VALUES[ALPHABET.charCodeAt(digit)] = digit

/** Digits of `bytes`, every one of them in the QR alphanumeric set. Source: RFC 9285 §4. */
export function encodeBase45(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 2) {
    const high = bytes[i] ?? 0
    const low = bytes[i + 1]
    const n = low === undefined ? high : high * 256 + low
    text += ALPHABET[n % 45] ?? ''
    text += ALPHABET[Math.floor(n / 45) % 45] ?? ''
    if (low !== undefined) text += ALPHABET[Math.floor(n / 2025)] ?? ''
  }
  return text
}

/** Bytes of base45 `digits` (as ASCII bytes), or null: wrong digit, overflow, or a length that no encoder makes. */
export function decodeBase45(digits: Uint8Array): Uint8Array | null {
  const rest = digits.length % 3
  if (rest === 1) return null
  const out = new Uint8Array(Math.floor(digits.length / 3) * 2 + (rest === 2 ? 1 : 0))
  let at = 0
  for (let i = 0; i < digits.length; i += 3) {
    const c = VALUES[digits[i] ?? 0] ?? INVALID
    const d = VALUES[digits[i + 1] ?? 0] ?? INVALID
    if (c === INVALID || d === INVALID) return null
    if (i + 2 < digits.length) {
      const e = VALUES[digits[i + 2] ?? 0] ?? INVALID
      const n = c + d * 45 + e * 2025
      if (e === INVALID || n > 0xffff) return null
      out[at++] = n >> 8
      out[at++] = n & 0xff
    } else {
      const n = c + d * 45
      if (n > 0xff) return null
      out[at++] = n
    }
  }
  return out
}
