import { exportSm2, type PrivateKey, type RideSigner, signSm2, sm2PrivateKey } from '@ankang/protocol'

/** An SM2 key of the ride scheme, and how it signs. */
export interface RideKey {
  /** The public point, 65 bytes: how trust files spell roots. */
  readonly point: Uint8Array
  /** The same point compressed, 33 bytes: how codes spell issuers and accounts. */
  readonly compressed: Uint8Array
  readonly sign: RideSigner
}

/** Source: SEC 1 §2.3.3: 02 or 03 by the parity of y, then x. */
function compress(point: Uint8Array): Uint8Array {
  const compressed = point.slice(0, 33)
  compressed[0] = 2 + ((point[64] ?? 0) & 1)
  return compressed
}

/** The key that 32 secret bytes lead to: always the same. */
export function rideKeyFrom(secret: Uint8Array): RideKey {
  const scalar = Uint8Array.from(secret)
  // Below 2^255, which is below the order of the curve: no secret is refused.
  scalar[0] = (scalar[0] ?? 0) & 0x7f
  const key: PrivateKey = sm2PrivateKey(scalar)
  const point = exportSm2(key)
  return { point, compressed: compress(point), sign: (userId, message) => signSm2(key, userId, message) }
}
