/*
 * JT/T 1179, the ride code of the transit scheme: three SM2 signatures, root → certificate → issuer → account. Public readers
 * skip the chain; this one does not. The layout is in jtt1179-layout.ts.
 */
import { concatBytes, toHex } from '../codec/bytes.ts'
import { importSm2, keyId, type Sm2PublicKey, verifySm2 } from '../crypto.ts'
import type { Claimed, Family, Verification, VerifyContext } from '../family.ts'
import type { Presentation } from '../presentation.ts'
import type { Reason } from '../reason.ts'
import type { Trust } from '../trust/trust.ts'
import { decodeRideCode, type RideCode, rideCodeLength, rideCodeVersion, type SignedPart } from './jtt1179-layout.ts'

const NAME = 'jtt1179'
const SHANGHAI_OFFSET_SECONDS = 8 * 3600

/** A county meets a handful of issuers; the rest is somebody trying. */
const CACHED_CERTIFICATES = 64

/**
 * Certificates whose root signature did verify under this trust, by all that was signed and the signature, with their key ready. A
 * new bundle is a new Trust, and starts without any. Only what verified is kept, so that forgeries push nothing out.
 */
const certificates = new WeakMap<Trust, Map<string, Sm2PublicKey>>()

function isSignedBy(key: Sm2PublicKey, { userId, message, signature }: SignedPart): boolean {
  return verifySm2(key, userId, message, signature)
}

/** Unix seconds at which the certificate's last month is over, in China. */
function certificateEnd({ month, year }: RideCode['certificate']['expires']): number {
  return Date.UTC(year, month, 1) / 1000 - SHANGHAI_OFFSET_SECONDS
}

/** The issuer's key, once the root's signature over its certificate has verified. */
function issuerKey({ certificate, signatures }: RideCode, root: Sm2PublicKey, trust: Trust): Sm2PublicKey | null {
  const known = certificates.get(trust) ?? new Map<string, Sm2PublicKey>()
  certificates.set(trust, known)
  const { userId, message, signature } = signatures.root
  const name = toHex(concatBytes(Uint8Array.of(certificate.rootIndex), userId, message, signature))
  const cached = known.get(name)
  if (cached !== undefined) return cached
  const key = importSm2(certificate.publicKey)
  if (key === null || !isSignedBy(root, signatures.root)) return null
  const [oldest] = known.keys()
  if (known.size >= CACHED_CERTIFICATES && oldest !== undefined) known.delete(oldest)
  known.set(name, key)
  return key
}

function present(code: RideCode): Presentation {
  return {
    family: NAME,
    issuer: code.issuer,
    issuerKid: keyId(code.certificate.publicKey),
    kind: 'person',
    credentialId: code.cardAccount,
    carrier: 'phone',
    shownAt: code.generatedAt,
    expiresAt: code.authorisedUntil,
    site: null,
    challenge: null,
    subject: null,
    maskedName: null,
    entitlements: [],
    account: { type: code.accountType, singleRideLimitFen: code.singleRideLimitFen },
    health: null,
  }
}

function accountSigned(code: RideCode): boolean {
  const key = importSm2(code.accountKey)
  return key !== null && isSignedBy(key, code.signatures.account)
}

type Row = readonly [reason: string, fails: (code: RideCode, context: VerifyContext) => boolean]

/** What follows once the issuer's signature has verified, in order. Source: formats.md §3. */
const ROWS: readonly Row[] = [
  ['expired', ({ authorisedUntil }, { now }) => now >= authorisedUntil],
  ['proof-bad', code => !accountSigned(code)],
  ['proof-future', ({ generatedAt }, { now, policy }) => generatedAt - now > policy.futureSkewSeconds],
  [
    'proof-stale',
    ({ generatedAt, validitySeconds }, { now, policy }) =>
      now > generatedAt + Math.min(validitySeconds, policy.rideWindowSeconds ?? validitySeconds),
  ],
]

function verify(code: RideCode, context: VerifyContext): Verification {
  const { trust, now } = context
  const { certificate, issuer, signatures } = code
  const refused = (reason: string): Verification => ({ ok: false, reason, presentation: null })
  const root = trust.rideRoot(certificate.rootIndex)
  if (root === null) return refused('unknown-root')
  if (now >= certificateEnd(certificate.expires)) return refused('issuer-expired')
  const key = issuerKey(code, root, trust)
  if (key === null || !trust.isRidePair(certificate.issuer, issuer)) return refused('bad-certificate')
  if (!isSignedBy(key, signatures.issuer)) return refused('bad-signature')
  const presentation = present(code)
  const failed = ROWS.find(([, fails]) => fails(code, context))
  return failed === undefined ? { ok: true, presentation } : { ok: false, reason: failed[0], presentation }
}

const deny = { outcome: 'deny', symbol: 'cross', colour: 'red', voice: 'not-accepted' } as const
const app = { hintZh: '请更新乘车码后再试，或投币乘车', hintEn: 'Update the ride code and try again, or pay in cash' }

const REASONS: readonly Reason[] = [
  { id: 'unknown-root', row: 3, ...deny, zh: '不认识的乘车码体系', en: 'Ride code of a scheme not known here', ...app },
  {
    id: 'bad-certificate',
    row: 5,
    ...deny,
    zh: '发卡机构证书无效',
    en: 'Certificate of the ride issuer does not verify',
    ...app,
    symbol: 'stop',
  },
]

/** The ride code of buses and metros. */
export const jtt1179: Family = {
  name: NAME,
  claims: bytes => rideCodeVersion(bytes) !== null,
  decode: bytes => {
    const code = decodeRideCode(bytes)
    if (!code.ok) return code
    const claimed: Claimed = { family: NAME, verify: context => verify(code.value, context) }
    return { ok: true, value: claimed }
  },
  declaredLength: rideCodeLength,
  reasons: REASONS,
}
