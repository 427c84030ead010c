import { exportEd25519, keyId, type TrustFile, toHex } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import { openRidePlatform } from '../ride/ride-home.ts'
import type { RidePlatform } from '../ride/ride-platform.ts'
import { busPolicy } from './bus-policy.ts'
import { openCity } from './city-home.ts'
import { keepDayKeys } from './day-keys.ts'
import { HALL_POLICY } from './hall-policy.ts'
import { type HomePaths, homePaths } from './home-paths.ts'
import { keepSecret, keepSigningKey, OWNER_ONLY, writeWholeFile, x25519PublicKey } from './key-file.ts'

export interface HomeOptions {
  readonly directory: string
  /** Unix seconds: the status lists are read then. */
  readonly now: number
  readonly httpPort: number
  readonly mqttPort: number
}

export interface Home {
  readonly paths: HomePaths
  readonly city: CityPlatform
  readonly rides: RidePlatform
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function makeTrustFile({ city, rides, paths }: Home, now: number): TrustFile {
  const delegated = (use: 'receipt' | 'command' | 'desired', keyFile: string) => {
    const publicKey = exportEd25519(keepSigningKey(keyFile))
    return { use, kid: toHex(keyId(publicKey)), publicKey: toHex(publicKey) }
  }
  const publicHalf = (keyFile: string) => toHex(x25519PublicKey(keepSecret(keyFile)))
  const { issuers, statusLists, denied } = city.publish(now)
  const { roots, rideIssuers, denied: deniedCards } = rides.publish()
  return {
    version: 1,
    issuers,
    roots,
    rideIssuers,
    statusLists,
    denied: [...denied, ...deniedCards],
    keys: [
      delegated('receipt', paths.receiptKey),
      delegated('command', paths.commandKey),
      delegated('desired', paths.desiredKey),
    ],
    countyKeys: [{ id: 'county-1', publicKey: publicHalf(paths.countyKey) }],
    clearingKeys: [{ id: 'clearing-1', publicKey: publicHalf(paths.clearingKey) }],
  }
}

/**
 * Makes a home, or brings an earlier one up to date: keys, journals and the controller's store stay as they are; trust
 * and configuration are written anew. Throws `home-not-writable`, `private-key-expected`, `secret-expected`, `day-keys-invalid`.
 */
export function prepareHome({ directory, now, httpPort, mqttPort }: HomeOptions): Home {
  const paths = homePaths(directory)
  const home: Home = { paths, city: openCity(directory), rides: openRidePlatform(directory) }
  writeWholeFile(paths.trust, json(makeTrustFile(home, now)))
  writeWholeFile(paths.policy('hall-door'), json(HALL_POLICY))
  writeWholeFile(paths.policy('bus'), json(busPolicy(keepDayKeys(paths.dayKeys, now))), OWNER_ONLY)
  const controller = {
    mqtt: { host: '127.0.0.1', port: mqttPort, fallback: true },
    http: { host: '127.0.0.1', port: httpPort, fallback: true },
    store: { file: 'store.sqlite' },
    people: { secondFactor: 'all-but-viewers' },
    logLevel: 'info',
  }
  writeWholeFile(paths.controllerConfig, json(controller))
  return home
}
