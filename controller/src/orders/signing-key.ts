import { exportEd25519, keyId, type PrivateKey } from '@ankang/protocol'

/**
 * One of the centre's keys with the id under which the trust file delegates it. The command key opens doors and the desired
 * key does not: trust delegates each by its `use`, and neither signs receipts.
 */
export interface SigningKey {
  readonly key: PrivateKey
  readonly kid: Uint8Array
}

/** What main reads from `commandKeyFile` and `desiredKeyFile`. */
export interface OrderKeys {
  readonly command: PrivateKey
  readonly desired: PrivateKey
}

export function signingKey(key: PrivateKey): SigningKey {
  return { key, kid: keyId(exportEd25519(key)) }
}
