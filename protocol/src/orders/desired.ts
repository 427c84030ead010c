/*
 * What one box is to be like. Source: formats.md §6: {1: device, 2: version, 3: iat, 4: config}, aad `ak1/desired`, a key
 * delegated for `desired`. A version is heeded once, and none below the newest.
 */
import { asMap, asText, asUint } from '../codec/cbor-narrow.ts'
import { signedFormat } from '../record/signed-payload.ts'
import { readSettings } from './command.ts'

export interface Desired {
  readonly device: string
  /** From 1, rising. */
  readonly version: number
  /** Unix seconds. */
  readonly issuedAt: number
  /** As `desiredSettings` reads it. */
  readonly config: Readonly<Record<string, string | number>>
}

export const desiredFormat = signedFormat<Desired>({
  aad: 'ak1/desired',
  signer: 'kid',
  write: desired =>
    new Map<number, unknown>([
      [1, desired.device],
      [2, desired.version],
      [3, desired.issuedAt],
      [4, new Map(Object.entries(desired.config))],
    ]),
  read: map => {
    const device = asText(map.get(1))
    const version = asUint(map.get(2))
    const issuedAt = asUint(map.get(3))
    const config = readSettings(asMap(map.get(4)))
    if (device === null || version === null || version < 1 || issuedAt === null || config === null) return null
    return { device, version, issuedAt, config }
  },
})
