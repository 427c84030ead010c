import {
  encodeRideAuthorisation,
  fromHex,
  hmacSha256,
  type RideAuthorisation,
  type RideCodeVersion,
  type TrustFile,
  toHex,
  utf8,
} from '@ankang/protocol'
import {
  type CertificateChanges,
  certifyRideIssuer,
  RIDE_ISSUER_NAMES,
  RIDE_ISSUERS,
  RIDE_ROOT_INDEX,
  type RideIssuerName,
  type RideKeys,
} from './ride-issuers.ts'
import { type RideKey, rideKeyFrom } from './ride-key.ts'
import { type Rider, riderAt } from './rider.ts'

/** How long a phone may go on showing codes without asking the platform. */
export const AUTHORISATION_SECONDS = 86_400
/** How long a single code is good for, from its generation; a bus may allow less. */
export const RIDE_CODE_SECONDS = 120
/** Cards that were lost before anything else happened. */
const LOST = 4

export interface AuthorisationOrder {
  readonly rider: Rider
  /** The public key of the account in the rider's phone, compressed. */
  readonly accountKey: Uint8Array
  /** Unix seconds. */
  readonly at: number
  /** Fields that differ from what the platform would write: how wrong codes are made. */
  readonly changes?: Partial<RideAuthorisation>
  /** Another signer than the rider's issuer. */
  readonly signedBy?: RideKey
}

/** What a phone gets from the platform: all of a code but when it was generated and the account's signature. */
export interface IssuedAuthorisation {
  readonly version: RideCodeVersion
  readonly bytes: Uint8Array
  /** Unix seconds. */
  readonly authorisedUntil: number
}

export interface RidePlatformOptions {
  /** 32 bytes that nobody else has: seeds the accounts and their keys. */
  readonly secret: Uint8Array
  readonly keys: RideKeys
  /** How many accounts there are. */
  readonly population: number
}

/** The far side of ride codes, as far as a bus meets it: the scheme's root, two issuers, and accounts. */
export class RidePlatform {
  readonly population: number
  readonly keys: RideKeys
  readonly #secret: Uint8Array
  readonly #certificates: Readonly<Record<RideIssuerName, Uint8Array>>

  constructor({ secret, keys, population }: RidePlatformOptions) {
    this.#secret = secret
    this.keys = keys
    this.population = population
    this.#certificates = { county: certifyRideIssuer(keys, 'county'), neighbour: certifyRideIssuer(keys, 'neighbour') }
  }

  rider(index: number): Rider {
    return riderAt(this.#secret, index)
  }

  /** The next rider that is `wanted` from `from` on, going round; null when there is none. */
  findRider(wanted: (rider: Rider) => boolean, from: number): Rider | null {
    for (let step = 0; step < this.population; step++) {
      const rider = this.rider((from + step) % this.population)
      if (wanted(rider)) return rider
    }
    return null
  }

  /** Riders whose cards were reported lost; they come after the population, so that nobody is one by chance. */
  lostRiders(): Rider[] {
    return Array.from({ length: LOST }, (_, number) => this.rider(this.population + number))
  }

  /** The account's key in a rider's phone. Half a millisecond: keep it while the phone is in use. */
  accountKey({ index }: Rider): RideKey {
    return rideKeyFrom(hmacSha256(this.#secret, utf8(`account-key/${index}`)))
  }

  /** The certificate of an issuer: the one in everyday use, or a changed one. */
  certificate(issuer: RideIssuerName, changes?: CertificateChanges): Uint8Array {
    return changes === undefined ? this.#certificates[issuer] : certifyRideIssuer(this.keys, issuer, changes)
  }

  /** Authorises a phone to show codes of this account for a day. */
  authorise({ rider, accountKey, at, changes, signedBy }: AuthorisationOrder): IssuedAuthorisation {
    const issuer = RIDE_ISSUERS[rider.issuer]
    const content: RideAuthorisation = {
      version: issuer.version,
      certificate: this.certificate(rider.issuer),
      paymentAccount: rider.paymentAccount,
      cardAccount: rider.cardAccount,
      issuer: fromHex(issuer.id),
      platform: issuer.platform,
      accountType: rider.type,
      singleRideLimitFen: rider.singleRideLimitFen,
      accountKey,
      authorisedUntil: at + AUTHORISATION_SECONDS,
      validitySeconds: RIDE_CODE_SECONDS,
      custom: new Uint8Array(0),
      ...changes,
    }
    const signer = signedBy ?? this.keys[rider.issuer]
    const bytes = encodeRideAuthorisation(content, signer.sign)
    return { version: content.version, bytes, authorisedUntil: content.authorisedUntil }
  }

  /** The scheme's part of a county's trust file; its `denied` come on top of the codes' own. */
  publish(): Required<Pick<TrustFile, 'roots' | 'rideIssuers' | 'denied'>> {
    return {
      roots: [{ index: RIDE_ROOT_INDEX, alg: 'SM2', publicKey: toHex(this.keys.root.point) }],
      rideIssuers: RIDE_ISSUER_NAMES.map(name => ({
        certificate: RIDE_ISSUERS[name].id,
        issuers: [RIDE_ISSUERS[name].id],
      })),
      denied: this.lostRiders().map(({ issuer, cardAccount }) => ({
        family: 'jtt1179',
        issuer: RIDE_ISSUERS[issuer].id,
        id: toHex(cardAccount),
      })),
    }
  }
}
