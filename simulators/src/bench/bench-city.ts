import { randomBytes } from 'node:crypto'
import { BugError, privateKeyFromSeed } from '@ankang/protocol'
import { CityPlatform } from '../city/city-platform.ts'
import { type IssuingKeys, KEY_NAMES, KEY_PLANS, makeSigningKey } from '../city/issuing-keys.ts'
import { HALL_POLICY } from '../home/hall-policy.ts'

/** A small city with keys of its own, held in memory only. */
export function benchCity(nowSeconds: number) {
  const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))
  const keys = Object.fromEntries(
    KEY_NAMES.map(name => [name, makeSigningKey(KEY_PLANS[name].issuer, privateKeyFromSeed(random(32)))]),
  ) as IssuingKeys
  const city = new CityPlatform({ secret: random(32), keys, population: 500, random })
  const resident = city.findResident('ordinary', 'green', 0)
  if (resident === null) throw new BugError('bench-city-empty', 'expected a green resident among 500')
  return { city, resident, trustJson: { version: 1, ...city.publish(nowSeconds) } }
}

/** As the hall door's, without limits on age: the bench's clock runs through hours. */
export const benchPolicy = { ...HALL_POLICY, maxStatusAgeSeconds: null }
