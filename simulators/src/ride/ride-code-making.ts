import { randomBytes } from 'node:crypto'
import { encodeRideCode } from '@ankang/protocol'
import { type RideKey, rideKeyFrom } from './ride-key.ts'
import type { AuthorisationOrder, RidePlatform } from './ride-platform.ts'
import type { Rider } from './rider.ts'

/** A key that belongs to nobody here. */
export function strangersRideKey(): RideKey {
  return rideKeyFrom(randomBytes(32))
}

/** What may differ from a ride code shown as it should be. */
export interface RideDeviation extends Partial<Omit<AuthorisationOrder, 'rider' | 'accountKey'>> {
  /** Unix seconds. */
  readonly generatedAt?: number
  /** Whose phone signs; the rider's own by default. */
  readonly shownBy?: RideKey
}

/** A rider's code of `now` (Unix seconds) from a new authorisation. A `RidePhone` is four times as fast: it keeps key and authorisation. */
export function rideCode(
  platform: RidePlatform,
  rider: Rider,
  now: number,
  { generatedAt = now, shownBy, ...order }: RideDeviation = {},
): Uint8Array {
  const key = platform.accountKey(rider)
  const { version, bytes } = platform.authorise({ rider, accountKey: key.compressed, at: now, ...order })
  return encodeRideCode(version, bytes, generatedAt, (shownBy ?? key).sign)
}
