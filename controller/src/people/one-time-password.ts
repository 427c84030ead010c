/* A password that is read aloud or from a screen, typed once, and then void: five groups of four of Crockford's base32, 100 bits. */
const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 5
const GROUP_SIGNS = 4

/** `random` gives bytes nobody can guess. */
export function makeOneTimePassword(random: (lengthBytes: number) => Uint8Array): string {
  // 256 is eight times 32, so that every sign is as likely
  const signs = [...random(GROUPS * GROUP_SIGNS)].map(byte => SIGNS[byte % SIGNS.length]).join('')
  return signs.match(/.{4}/g)?.join('-') ?? signs
}

const TYPED = /^[0-9A-Z]{20}$/

/**
 * As it was made, when what somebody typed is such a password but for case, hyphens, spaces, and O, I and L for what they resemble.
 * Null when it is no such password at all.
 */
export function readOneTimePassword(typed: string): string | null {
  if (typed.length > 60) return null
  const signs = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  return TYPED.test(signs) ? (signs.match(/.{4}/g)?.join('-') ?? null) : null
}
