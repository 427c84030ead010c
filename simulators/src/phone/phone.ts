import { type Ak1Proof, encodeAk1Text, encodeProof, type PrivateKey } from '@ankang/protocol'
import type { CityPlatform, IssuedCredential } from '../city/city-platform.ts'
import type { Resident } from '../city/resident.ts'

/** A code on the screen stays this long, then a new proof takes its place. */
export const ROTATION_SECONDS = 30
/** A credential is fetched anew when it has less than this left. */
const REFRESH_BEFORE_SECONDS = 3600

/** What a phone shows at a moment. Times are Unix seconds. */
export interface ShownCode {
  readonly text: string
  readonly shownAt: number
  /** When the next code takes its place. */
  readonly rotatesAt: number
  /** When the credential behind it ends. */
  readonly expiresAt: number
}

export interface PhoneOptions {
  readonly city: CityPlatform
  readonly resident: Resident
  /** What each proof names besides its time. */
  readonly site?: string
  readonly challenge?: Uint8Array
}

/** A phone with its own key, showing one resident's code that rotates. */
export class Phone {
  readonly resident: Resident
  readonly #city: CityPlatform
  readonly #key: PrivateKey
  readonly #bound: Pick<Ak1Proof, 'site' | 'challenge'>
  #credential: IssuedCredential | null = null
  #shown: ShownCode | null = null

  constructor({ city, resident, site, challenge }: PhoneOptions) {
    this.resident = resident
    this.#city = city
    this.#key = city.phoneKey(resident)
    this.#bound = { site: site ?? null, challenge: challenge ?? null }
  }

  /** The code on the screen at `now` (Unix seconds): the same until it rotates. */
  show(now: number): ShownCode {
    if (this.#shown === null || now >= this.#shown.rotatesAt || now < this.#shown.shownAt)
      this.#shown = this.#prove(now)
    return this.#shown
  }

  #prove(now: number): ShownCode {
    const { bytes, claims } = this.#currentCredential(now)
    const proof = encodeProof({ shownAt: now, ...this.#bound }, bytes, this.#key)
    return {
      text: encodeAk1Text(bytes, proof),
      shownAt: now,
      rotatesAt: now + ROTATION_SECONDS,
      expiresAt: claims.expiresAt,
    }
  }

  #currentCredential(now: number): IssuedCredential {
    const held = this.#credential
    if (held !== null && held.claims.expiresAt - now > REFRESH_BEFORE_SECONDS) return held
    this.#credential = this.#city.issue({ resident: this.resident, carrier: 'phone', at: now })
    return this.#credential
  }
}
