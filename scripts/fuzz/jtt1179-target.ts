/*
 * Damaged ride codes. Four things may yet be verified: a code that differs in the one byte no signature covers, the same
 * showing signed once more by its own phone, another showing by that phone, and what its issuer did issue. The first two
 * must be known again as the showing they are.
 */
import { concatBytes, toHex } from '@ankang/protocol'
import { type Explain, type FuzzCorpus, type FuzzTarget, makeCorpus, type VerifiedInput } from './fuzz-corpus.ts'
import { ownRideCodes, type RideBase, STRANGER } from './jtt1179-codes.ts'
import { AUTHORISATION_BYTES, CERTIFICATE_BYTES, fieldOf, RIDE_FIELDS, uintOf, withField } from './jtt1179-fields.ts'
import { RIDE_MUTATIONS } from './jtt1179-mutations.ts'
import { LOCAL, signIssuer } from './jtt1179-signing.ts'
import { baseOf, bytesOf, readPublished } from './published.ts'

const NO_TAG = Uint8Array.of(0)

/** The code without the byte that nobody signs. Source: formats.md §3, offset 267+L. */
function signedPart(code: Uint8Array): string {
  return toHex(withField(code, RIDE_FIELDS['account tag'], NO_TAG))
}

/** Version, and what the root signed. Service and root index are signed by the root in local codes only, as its user id. */
function certificate(code: Uint8Array): string {
  const whole = fieldOf(code, CERTIFICATE_BYTES)
  return toHex(concatBytes(code.subarray(0, 1), code[0] === LOCAL ? whole : whole.subarray(6)))
}

/** Version and authorisation, which a phone cannot change, without the tag that it alone signs. */
function authorisation(code: Uint8Array): string {
  const untagged = withField(code, RIDE_FIELDS['issuer tag'], NO_TAG)
  return toHex(concatBytes(untagged.subarray(0, 1), fieldOf(untagged, AUTHORISATION_BYTES)))
}

/** What an authorisation and a second make: one showing, however often it is signed. */
function showing(code: Uint8Array): string {
  return `${authorisation(code)} ${uintOf(code, RIDE_FIELDS['generated at'])}`
}

/** Whether it says what the bytes say: nothing may be shown or charged that was not signed. */
function isFaithful({ bytes, presentation }: VerifiedInput): boolean {
  const { credentialId, issuer, shownAt, expiresAt, account } = presentation
  return (
    toHex(credentialId) === toHex(fieldOf(bytes, RIDE_FIELDS['card account'])) &&
    issuer === toHex(fieldOf(bytes, RIDE_FIELDS.issuer)) &&
    shownAt === uintOf(bytes, RIDE_FIELDS['generated at']) &&
    expiresAt === uintOf(bytes, RIDE_FIELDS['authorised until']) &&
    account?.singleRideLimitFen === uintOf(bytes, RIDE_FIELDS['ride limit'])
  )
}

function isTimely({ bytes, base: { now }, policy, presentation }: VerifiedInput): boolean {
  const shownAt = presentation.shownAt ?? 0
  const validity = uintOf(bytes, RIDE_FIELDS.validity)
  const window = Math.min(validity, policy.rideWindowSeconds ?? validity)
  return (
    shownAt - now <= policy.futureSkewSeconds &&
    now - shownAt <= window &&
    validity <= 1200 &&
    now < presentation.expiresAt
  )
}

function explainer(bases: readonly RideBase[]): Explain {
  const known = new Set(bases.map(({ bytes }) => signedPart(bytes)))
  const held = bases.filter(({ phone }) => phone !== STRANGER)
  const authorised = new Set(held.map(({ bytes }) => authorisation(bytes)))
  const showings = new Set(held.map(({ bytes }) => showing(bytes)))
  const certified = new Map(held.map(({ bytes, issuer }) => [certificate(bytes), issuer]))
  /** Our signatures follow from key and message: who signs again and finds the same bytes knows who signed them. */
  const isIssued = (bytes: Uint8Array): boolean => {
    const issuer = certified.get(certificate(bytes))
    const ownName =
      toHex(fieldOf(bytes, RIDE_FIELDS['certificate issuer'])) === toHex(fieldOf(bytes, RIDE_FIELDS.issuer))
    return issuer !== undefined && ownName && toHex(signIssuer(bytes, issuer)) === toHex(bytes)
  }
  return input => {
    const { bytes, reason } = input
    if (!isFaithful(input) || !isTimely(input)) return null
    if (known.has(signedPart(bytes))) return reason === 'replayed' ? 'the same code, its unsigned tag changed' : null
    if (showings.has(showing(bytes))) return reason === 'replayed' ? 'the same showing, signed again' : null
    if (authorised.has(authorisation(bytes))) return reason === 'ok' ? 'another showing by its own phone' : null
    return isIssued(bytes) ? 'issued so by its issuer' : null
  }
}

function readCorpus(): FuzzCorpus {
  const published = readPublished()
  const rides = published.cases.filter(({ name }) => name.startsWith('ride:'))
  const admitted = rides.filter(one => one.expect['outcome'] === 'admit')
  const bases: readonly RideBase[] = [
    ...admitted.map(one => ({ ...baseOf(one, published), phone: STRANGER, issuer: STRANGER })),
    ...ownRideCodes(),
  ]
  const { ride, 'ride-60': within60 } = published.policies
  return makeCorpus({
    bases,
    mutations: RIDE_MUTATIONS,
    policies: [ride, within60].filter(policy => policy !== undefined),
    originals: [...rides.map(bytesOf), ...bases.map(({ bytes }) => bytes)],
    explain: explainer(bases),
  })
}

export const jtt1179Target: FuzzTarget = { family: 'jtt1179', readCorpus }
