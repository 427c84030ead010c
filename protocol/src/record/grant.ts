/* Leave to start a chain without a predecessor. Source: formats.md §5: {1: device, 2: epoch, 3: iat}, aad `ak1/grant`. */
import { asBytes, asText, asUint } from '../codec/cbor-narrow.ts'
import { signedFormat } from './signed-payload.ts'

export interface Grant {
  readonly device: string
  readonly epoch: Uint8Array
  /** Unix seconds. */
  readonly issuedAt: number
}

export const grantFormat = signedFormat<Grant>({
  aad: 'ak1/grant',
  signer: 'kid',
  write: grant =>
    new Map<number, unknown>([
      [1, grant.device],
      [2, grant.epoch],
      [3, grant.issuedAt],
    ]),
  read: map => {
    const device = asText(map.get(1))
    const epoch = asBytes(map.get(2), 8, 8)
    const issuedAt = asUint(map.get(3))
    return device === null || epoch === null || issuedAt === null ? null : { device, epoch, issuedAt }
  },
})
