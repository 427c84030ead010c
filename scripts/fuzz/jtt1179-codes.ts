/*
 * Ride codes of our own making, beside the published ones: both versions, every length of the custom field that matters, two
 * issuers that may not stand in for each other. Whoever damages them also holds the phones' keys, and those of one issuer.
 */
import {
  ACCOUNT_TYPES,
  compileTrust,
  encodeRideAuthorisation,
  encodeRideCertificate,
  encodeRideCode,
  fromHex,
  parseTrustFile,
  type RideCodeVersion,
  toHex,
} from '@ankang/protocol'
import { type FixedSm2, fixedSm2 } from './fixed-sm2.ts'
import type { FuzzBase } from './fuzz-corpus.ts'

export interface RideBase extends FuzzBase {
  /** The keys behind the code; strangers' where it is a published one. */
  readonly phone: FixedSm2
  readonly issuer: FixedSm2
}

export const STRANGER = fixedSm2('stranger')

/** 5 May 2026, 05:05 in China. */
const NOW = 1_777_928_729
const ROOT_INDEX = 1
const ROOT = fixedSm2('root')
const ISSUERS = ['02002900', '02003050'].map(id => ({ id, key: fixedSm2(`issuer ${id}`) }))
const CUSTOM_BYTES = [0, 1, 7, 31, 32]

const TRUST = compileTrust(
  parseTrustFile({
    version: 1,
    issuers: [],
    roots: [{ index: ROOT_INDEX, alg: 'SM2', publicKey: toHex(ROOT.point) }],
    rideIssuers: ISSUERS.map(({ id }) => ({ certificate: id, issuers: [id] })),
  }),
)

function makeCode(version: RideCodeVersion, customBytes: number, serial: number): RideBase {
  const { id, key } = ISSUERS[serial % ISSUERS.length] ?? { id: '', key: STRANGER }
  const name = `own: ${version}, custom field of ${customBytes}, issuer ${id}`
  const phone = fixedSm2(name)
  const certificate = encodeRideCertificate(
    {
      version,
      service: fromHex('01010000'),
      rootIndex: ROOT_INDEX,
      issuer: fromHex(id),
      expires: { month: 12, year: 2030 },
      serial: 100 + (serial % ISSUERS.length),
      publicKey: key.compressed,
    },
    ROOT.sign,
  )
  const authorisation = encodeRideAuthorisation(
    {
      version,
      certificate,
      paymentAccount: new Uint8Array(16).fill(serial),
      cardAccount: new Uint8Array(10).fill(0x60 + serial),
      issuer: fromHex(id),
      platform: fromHex('01020304'),
      accountType: ACCOUNT_TYPES[serial % ACCOUNT_TYPES.length] ?? 'ordinary',
      singleRideLimitFen: 3000,
      accountKey: phone.compressed,
      authorisedUntil: NOW + 86_400,
      validitySeconds: 600,
      custom: new Uint8Array(customBytes).fill(0xc5),
    },
    key.sign,
  )
  const bytes = encodeRideCode(version, authorisation, NOW - serial, phone.sign)
  return { name, bytes, trust: TRUST, now: NOW, site: null, challenge: null, phone, issuer: key }
}

/** Twenty codes, the same in every run. */
export function ownRideCodes(): readonly RideBase[] {
  const versions: readonly RideCodeVersion[] = ['interoperable', 'local']
  const kinds = versions.flatMap(version => CUSTOM_BYTES.map(customBytes => ({ version, customBytes })))
  return [...kinds, ...kinds.toReversed()].map(({ version, customBytes }, serial) =>
    makeCode(version, customBytes, serial),
  )
}
