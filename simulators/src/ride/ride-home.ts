import { join } from 'node:path'
import { homePaths } from '../home/home-paths.ts'
import { keepSecret } from '../home/key-file.ts'
import { RIDE_ISSUER_NAMES, type RideKeys } from './ride-issuers.ts'
import { rideKeyFrom } from './ride-key.ts'
import { RidePlatform } from './ride-platform.ts'

/** Accounts of the virtual county. */
export const RIDERS = 5000

/** Where a home keeps what its ride platform stores. */
export function rideFolder(homeDirectory: string): string {
  return join(homePaths(homeDirectory).root, 'ride')
}

/** The ride platform of a home. Its keys and its secret are all it stores, in `ride/` (owner only); they are made when absent. Throws `secret-expected`. */
export function openRidePlatform(homeDirectory: string): RidePlatform {
  const folder = rideFolder(homeDirectory)
  const names = ['root', ...RIDE_ISSUER_NAMES] as const
  const keys = Object.fromEntries(
    names.map(name => [name, rideKeyFrom(keepSecret(join(folder, `${name}.key`)))]),
  ) as RideKeys
  return new RidePlatform({ secret: keepSecret(join(folder, 'accounts.secret')), keys, population: RIDERS })
}
