import { equalBytes } from '../codec/bytes.ts'
import type { Claimed, Verification, VerifyContext } from '../family.ts'
import type { Presentation } from '../presentation.ts'
import type { Reason } from '../reason.ts'

type Check = (presentation: Presentation, context: VerifyContext) => string | null

/** Row 14: the proof was made for here. */
const presence: Check = (presentation, { site, challenge, policy }) => {
  if (presentation.site !== null && presentation.site !== site) return 'wrong-site'
  if (policy.challenge !== 'required') return null
  if (presentation.challenge === null) return 'challenge-missing'
  return challenge !== null && equalBytes(presentation.challenge, challenge) ? null : 'challenge-wrong'
}

/** Row 15. */
const denyList: Check = ({ family, issuer, credentialId, otherIds = [] }, { trust }) =>
  [credentialId, ...otherIds].some(id => trust.isDenied(family, issuer, id)) ? 'denied-credential' : null

const CHECKS: readonly Check[] = [presence, denyList]

/** Rows 3 to 15: what the family checks, then what every family shares. */
export function verify(claimed: Claimed, context: VerifyContext): Verification {
  const verification = claimed.verify(context)
  if (!verification.ok) return verification
  for (const check of CHECKS) {
    const reason = check(verification.presentation, context)
    if (reason !== null) return { ok: false, reason, presentation: verification.presentation }
  }
  return verification
}

const deny = { outcome: 'deny', colour: 'red' } as const
const here = { hintZh: '请对准本机屏幕重新亮码', hintEn: 'Show the code again, for this door' }

export const verifyReasons: readonly Reason[] = [
  {
    id: 'wrong-site',
    row: 14,
    ...deny,
    zh: '此码是为别处出示的',
    en: 'This showing was for another place',
    ...here,
    symbol: 'repeat',
    voice: 'refresh-code',
  },
  {
    id: 'challenge-missing',
    row: 14,
    ...deny,
    zh: '请先扫描门上的动态码',
    en: 'Scan the code on the door first',
    ...here,
    symbol: 'phone',
    voice: 'scan-door',
  },
  {
    id: 'challenge-wrong',
    row: 14,
    ...deny,
    zh: '动态码不符',
    en: 'Answer to another door’s code',
    ...here,
    symbol: 'phone',
    voice: 'scan-door',
  },
  {
    id: 'denied-credential',
    row: 15,
    ...deny,
    zh: '此码已被停用',
    en: 'This code has been withdrawn',
    hintZh: '请到人工窗口核验身份证件',
    hintEn: 'Go to the staffed window with an ID card',
    symbol: 'stop',
    voice: 'not-accepted',
  },
]
