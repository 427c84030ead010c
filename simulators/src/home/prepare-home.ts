import { exportEd25519, keyId, type TrustFile, toHex } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import { openCity } from './city-home.ts'
import { HALL_POLICY } from './hall-policy.ts'
import { HALL_DOORS, HALL_SITE, type HomePaths, homePaths } from './home-paths.ts'
import { keepSecret, keepSigningKey, writeWholeFile, x25519PublicKey } from './key-file.ts'

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
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function makeTrustFile(city: CityPlatform, paths: HomePaths, now: number): TrustFile {
  const receiptKey = exportEd25519(keepSigningKey(paths.receiptKey))
  const countyKey = x25519PublicKey(keepSecret(paths.countyKey))
  return {
    version: 1,
    ...city.publish(now),
    roots: [],
    keys: [{ use: 'receipt', kid: toHex(keyId(receiptKey)), publicKey: toHex(receiptKey) }],
    countyKeys: [{ id: 'county-1', publicKey: toHex(countyKey) }],
    clearingKeys: [],
  }
}

/**
 * Makes a home, or brings an earlier one up to date: keys, journals and the controller's store stay as they are; trust
 * and configuration are written anew. Throws `home-not-writable`, `private-key-expected`, `secret-expected`.
 */
export function prepareHome({ directory, now, httpPort, mqttPort }: HomeOptions): Home {
  const paths = homePaths(directory)
  const city = openCity(directory)
  writeWholeFile(paths.trust, json(makeTrustFile(city, paths, now)))
  writeWholeFile(paths.policy, json(HALL_POLICY))
  const devices = HALL_DOORS.map(({ device }) => ({
    site: HALL_SITE,
    device,
    publicKey: toHex(exportEd25519(keepSigningKey(paths.device(device).key))),
  }))
  const controller = {
    mqtt: { host: '127.0.0.1', port: mqttPort, fallback: true },
    http: { host: '127.0.0.1', port: httpPort, fallback: true },
    store: { file: 'store.sqlite' },
    receiptKeyFile: 'receipt.key',
    devices,
    logLevel: 'info',
  }
  writeWholeFile(paths.controllerConfig, json(controller))
  return { paths, city }
}
