import { encodeRideCode } from '@ankang/protocol'
import { ROTATION_SECONDS, RotatingScreen, type ShownCode } from '../phone/rotating-screen.ts'
import type { RideKey } from './ride-key.ts'
import type { IssuedAuthorisation, RidePlatform } from './ride-platform.ts'
import type { Rider } from './rider.ts'

/** An authorisation is fetched anew when it has less than this left. */
const REFRESH_BEFORE_SECONDS = 3600

export interface RidePhoneOptions {
  readonly platform: RidePlatform
  readonly rider: Rider
}

/** A phone that shows ride codes of one account. It asks the platform once a day; each code costs it one SM2 signature. */
export class RidePhone {
  readonly rider: Rider
  readonly #platform: RidePlatform
  readonly #key: RideKey
  readonly #screen = new RotatingScreen(now => this.#generate(now))
  #authorisation: IssuedAuthorisation | null = null

  constructor({ platform, rider }: RidePhoneOptions) {
    this.rider = rider
    this.#platform = platform
    this.#key = platform.accountKey(rider)
  }

  /** The code on the screen at `now` (Unix seconds): the same until it rotates. */
  show(now: number): ShownCode {
    return this.#screen.show(now)
  }

  #generate(now: number): ShownCode {
    const { version, bytes, authorisedUntil } = this.#currentAuthorisation(now)
    return {
      bytes: encodeRideCode(version, bytes, now, this.#key.sign),
      shownAt: now,
      rotatesAt: now + ROTATION_SECONDS,
      expiresAt: authorisedUntil,
    }
  }

  #currentAuthorisation(now: number): IssuedAuthorisation {
    const held = this.#authorisation
    if (held !== null && held.authorisedUntil - now > REFRESH_BEFORE_SECONDS) return held
    this.#authorisation = this.#platform.authorise({ rider: this.rider, accountKey: this.#key.compressed, at: now })
    return this.#authorisation
  }
}
