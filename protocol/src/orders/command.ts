/*
 * An order to one box. Source: formats.md §6.
 *
 *   {1: device, 2: id, 3: iat, 4: exp, 5: name, 6: args, 7: boot nonce bstr(16)}   aad `ak1/command`, a key delegated for `command`
 *
 * The boot nonce is of the box's own drawing at each start, so that "never twice" needs no memory beyond the present run.
 */
import type { CborMap } from '../codec/cbor.ts'
import { asBytes, asMap, asText, asUint } from '../codec/cbor-narrow.ts'
import { signedFormat } from '../record/signed-payload.ts'
import { isTopicId } from '../topics/topics.ts'

/** Longest life of a command, seconds: one that waits longer in a broker is not what anybody wants any more. */
export const MAX_COMMAND_SECONDS = 300
const MAX_NAME_CHARS = 40

export interface DeviceCommand {
  readonly device: string
  /** An id as in topics. */
  readonly id: string
  /** Unix seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Of `ORDER_KINDS`, or of a later program. */
  readonly name: string
  readonly args: Readonly<Record<string, string | number>>
  readonly bootNonce: Uint8Array
}

/** A map of texts to texts and whole numbers. Null when it is anything else. */
export function readSettings(map: CborMap | null): Readonly<Record<string, string | number>> | null {
  if (map === null) return null
  const entries: [string, string | number][] = []
  for (const [key, value] of map) {
    const read = asText(value) ?? asUint(value)
    if (typeof key !== 'string' || read === null) return null
    entries.push([key, read])
  }
  return Object.fromEntries(entries)
}

export const commandFormat = signedFormat<DeviceCommand>({
  aad: 'ak1/command',
  signer: 'kid',
  write: command =>
    new Map<number, unknown>([
      [1, command.device],
      [2, command.id],
      [3, command.issuedAt],
      [4, command.expiresAt],
      [5, command.name],
      [6, new Map(Object.entries(command.args))],
      [7, command.bootNonce],
    ]),
  read: map => {
    const device = asText(map.get(1))
    const id = asText(map.get(2))
    const issuedAt = asUint(map.get(3))
    const expiresAt = asUint(map.get(4))
    const name = asText(map.get(5))
    const args = readSettings(asMap(map.get(6)))
    const bootNonce = asBytes(map.get(7), 16, 16)
    if (device === null || id === null || !isTopicId(id) || issuedAt === null || expiresAt === null) return null
    if (name === null || name.length > MAX_NAME_CHARS || args === null || bootNonce === null) return null
    return { device, id, issuedAt, expiresAt, name, args, bootNonce }
  },
})
