import { encodeRideCertificate, fromHex, type RideCodeVersion, utf8 } from '@ankang/protocol'
import type { RideKey } from './ride-key.ts'

/** The root that every bus here has. */
export const RIDE_ROOT_INDEX = 1
/** Service of every certificate in the field. */
const SERVICE = fromHex('01010000')

export interface RideIssuer {
  /** Hex of four bytes, as certificates and codes name it. */
  readonly id: string
  readonly platform: Uint8Array
  /** Which regime its codes are of. */
  readonly version: RideCodeVersion
  readonly serial: number
}

/** Who issues ride codes: the county's own company in the local regime, and a city near by in the interoperable one. */
export const RIDE_ISSUERS = {
  county: { id: '02002900', platform: utf8('AKRC'), version: 'local', serial: 1 },
  neighbour: { id: '02003010', platform: utf8('NBRC'), version: 'interoperable', serial: 2 },
} as const satisfies Record<string, RideIssuer>

export type RideIssuerName = keyof typeof RIDE_ISSUERS
export const RIDE_ISSUER_NAMES = Object.keys(RIDE_ISSUERS) as readonly RideIssuerName[]

/** Every key of a ride platform; the accounts' own are derived. */
export type RideKeys = Readonly<Record<RideIssuerName | 'root', RideKey>>

/** What may differ from a certificate as it should be: how wrong ones are made. */
export interface CertificateChanges {
  readonly rootIndex?: number
  readonly expires?: { readonly month: number; readonly year: number }
  /** Another root than the scheme's. */
  readonly signedBy?: RideKey
}

/** The certificate of an issuer, 117 bytes, in its own regime; good to the end of 2049. */
export function certifyRideIssuer(keys: RideKeys, name: RideIssuerName, changes: CertificateChanges = {}): Uint8Array {
  const { id, version, serial } = RIDE_ISSUERS[name]
  const { rootIndex = RIDE_ROOT_INDEX, expires = { month: 12, year: 2049 }, signedBy = keys.root } = changes
  const content = {
    version,
    service: SERVICE,
    rootIndex,
    issuer: fromHex(id),
    expires,
    serial,
    publicKey: keys[name].compressed,
  }
  return encodeRideCertificate(content, signedBy.sign)
}
