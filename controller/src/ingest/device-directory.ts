import { fromHex, importEd25519, type PublicKey, UsageError } from '@ankang/protocol'

/** A device this controller answers for. Being listed is what grants its first epoch. */
export interface KnownDevice {
  readonly site: string
  readonly device: string
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly key: PublicKey
}

interface ListedDevice {
  readonly site: string
  readonly device: string
  /** Hex of 32 bytes. */
  readonly publicKey: string
}

export interface DeviceDirectory {
  find(device: string): KnownDevice | null
  all(): readonly KnownDevice[]
}

/** Throws `device-listed-twice` or `device-key-invalid`. */
export function deviceDirectory(listed: readonly ListedDevice[]): DeviceDirectory {
  const known = new Map<string, KnownDevice>()
  for (const { site, device, publicKey } of listed) {
    if (known.has(device)) {
      throw new UsageError('device-listed-twice', `devices: ${device} is listed twice; ids are unique in the county`, {
        details: { device },
      })
    }
    const raw = fromHex(publicKey)
    const key = importEd25519(raw)
    if (key === null) {
      throw new UsageError(
        'device-key-invalid',
        `devices: ${device}: expected an Ed25519 public key, 32 bytes as hex`,
        {
          details: { device },
        },
      )
    }
    known.set(device, { site, device, publicKey: raw, key })
  }
  return { find: device => known.get(device) ?? null, all: () => [...known.values()] }
}
