import {
  type AccountType,
  compileTrust,
  encodeRideAuthorisation,
  encodeRideCertificate,
  encodeRideCode,
  exportSm2,
  type PrivateKey,
  parseTrustFile,
  type RideCodeVersion,
  type RideSigner,
  sha256,
  signSm2,
  sm2PrivateKey,
  type Trust,
  toHex,
  utf8,
} from '@ankang/protocol'

/* A ride scheme for tests: one root, one issuer, any number of accounts. Keys come from fixed seeds. */

export const RIDE_NOW = 1_780_000_000

/** The SM2 key of a name: the same in every run. */
export function sm2KeyOf(name: string): PrivateKey {
  return sm2PrivateKey(sha256(utf8(name)))
}

export function signerOf(name: string): RideSigner {
  const key = sm2KeyOf(name)
  return (userId, message) => signSm2(key, userId, message)
}

export function compressed(name: string): Uint8Array {
  const point = exportSm2(sm2KeyOf(name))
  return Uint8Array.of(2 + ((point[64] ?? 0) & 1), ...point.subarray(1, 33))
}

/** One code and who made it. As it stands it is admitted; a test changes what it is about. */
export interface RideCodeOrder {
  readonly version: RideCodeVersion
  readonly rootIndex: number
  readonly certificateExpires: { readonly month: number; readonly year: number }
  readonly certifiedBy: string
  readonly issuedBy: string
  readonly shownBy: string
  readonly issuer: string
  readonly certificateIssuer: string
  readonly account: number
  readonly accountType: AccountType
  readonly singleRideLimitFen: number
  readonly authorisedUntil: number
  readonly validitySeconds: number
  readonly generatedAt: number
  readonly customBytes: number
}

export const GOOD_RIDE: RideCodeOrder = {
  version: 'interoperable',
  rootIndex: 1,
  certificateExpires: { month: 12, year: 2039 },
  certifiedBy: 'root',
  issuedBy: 'issuer',
  shownBy: 'account',
  issuer: '02002900',
  certificateIssuer: '02002900',
  account: 1,
  accountType: 'ordinary',
  singleRideLimitFen: 1000,
  authorisedUntil: RIDE_NOW + 86_400,
  validitySeconds: 300,
  generatedAt: RIDE_NOW - 5,
  customBytes: 0,
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

export function rideCode(changes: Partial<RideCodeOrder> = {}): Uint8Array {
  const order = { ...GOOD_RIDE, ...changes }
  const { version } = order
  const certificate = encodeRideCertificate(
    {
      version,
      service: bytesOf('01010000'),
      rootIndex: order.rootIndex,
      issuer: bytesOf(order.certificateIssuer),
      expires: order.certificateExpires,
      serial: 7,
      publicKey: compressed('issuer'),
    },
    signerOf(order.certifiedBy),
  )
  const authorisation = encodeRideAuthorisation(
    {
      version,
      certificate,
      paymentAccount: utf8(String(order.account).padStart(16, '0')),
      cardAccount: bytesOf(String(order.account).padStart(20, '0')),
      issuer: bytesOf(order.issuer),
      platform: bytesOf('00000001'),
      accountType: order.accountType,
      singleRideLimitFen: order.singleRideLimitFen,
      accountKey: compressed('account'),
      authorisedUntil: order.authorisedUntil,
      validitySeconds: order.validitySeconds,
      custom: new Uint8Array(order.customBytes).fill(0x0d),
    },
    signerOf(order.issuedBy),
  )
  return encodeRideCode(version, authorisation, order.generatedAt, signerOf(order.shownBy))
}

/** Trust in the scheme's root, and whatever a test adds. */
export function rideTrust(more: Readonly<Record<string, unknown>> = {}): Trust {
  return compileTrust(
    parseTrustFile({
      version: 1,
      issuers: [],
      roots: [{ index: 1, alg: 'SM2', publicKey: toHex(exportSm2(sm2KeyOf('root'))) }],
      ...more,
    }),
  )
}
