import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { CityPlatform } from '../city/city-platform.ts'
import { type IssuingKeys, KEY_NAMES, KEY_PLANS, makeSigningKey } from '../city/issuing-keys.ts'
import { homePaths } from './home-paths.ts'
import { keepSecret, keepSigningKey } from './key-file.ts'

/** Residents of the virtual county. */
export const POPULATION = 5000

/** The city platform of a home. Its keys and its secret are all it stores, in `city/`; they are made when absent. */
export function openCity(homeDirectory: string): CityPlatform {
  const { city } = homePaths(homeDirectory)
  const keys = Object.fromEntries(
    KEY_NAMES.map(name => [name, makeSigningKey(KEY_PLANS[name].issuer, keepSigningKey(join(city, `${name}.key`)))]),
  ) as IssuingKeys
  return new CityPlatform({
    secret: keepSecret(join(city, 'residents.secret')),
    keys,
    population: POPULATION,
    random: lengthBytes => new Uint8Array(randomBytes(lengthBytes)),
  })
}
