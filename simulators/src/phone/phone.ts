import { type Ak1Proof, encodeAk1Text, encodeProof, type PrivateKey, utf8 } from '@ankang/protocol'
import type { CityPlatform, IssuedCredential } from '../city/city-platform.ts'
import type { Resident } from '../city/resident.ts'
import { ROTATION_SECONDS, RotatingScreen, type ShownCode } from './rotating-screen.ts'

/** A credential is fetched anew when it has less than this left. */
const REFRESH_BEFORE_SECONDS = 3600

/** An AK1 code on a screen: its bytes are those of its text. */
export interface ShownText extends ShownCode {
  readonly text: string
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
  readonly #screen = new RotatingScreen(now => this.#prove(now))
  #credential: IssuedCredential | null = null

  constructor({ city, resident, site, challenge }: PhoneOptions) {
    this.resident = resident
    this.#city = city
    this.#key = city.phoneKey(resident)
    this.#bound = { site: site ?? null, challenge: challenge ?? null }
  }

  /** The code on the screen at `now` (Unix seconds): the same until it rotates. */
  show(now: number): ShownText {
    return this.#screen.show(now)
  }

  #prove(now: number): ShownText {
    const { bytes, claims } = this.#currentCredential(now)
    const text = encodeAk1Text(bytes, encodeProof({ shownAt: now, ...this.#bound }, bytes, this.#key))
    return {
      text,
      bytes: utf8(text),
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
