import type { PrivateKey } from '@ankang/protocol'

/** What makes a box one of the county's, as far as it is there. */
export interface Identity {
  /** PEM. */
  readonly ca: string | null
  /** PEM; null: not enrolled. */
  readonly certificate: string | null
  readonly trust: Uint8Array | null
  /** Where the certificate came from. */
  readonly deskUrl: string | null
}

export interface NewIdentity {
  readonly ca: string
  readonly certificate: string
  /** Kept only where there is no trust file yet. */
  readonly trust: Uint8Array | null
  readonly deskUrl: string
}

export interface IdentityKeys {
  /** Ed25519: signs records, results and requests. */
  readonly device: PrivateKey
  /** Of the line's certificate: P-256, or Ed25519 and then often the same. */
  readonly line: PrivateKey
}

/**
 * The files of a box's identity.
 *
 * Contract: when `commit` resolves the whole new identity has survived a power cut; one that rejects, or is cut short at
 * any moment, leaves the old identity or the new one to the next `load`, and never a mixture. `keys` makes what is missing and
 * never replaces what is there. They throw a UsageError where a key is none, or open to others (`key-file-open`), and an
 * EnvironmentError `identity-failed` where the disk fails.
 */
export interface IdentityFiles {
  load(): Promise<Identity>
  keys(): Promise<IdentityKeys>
  commit(identity: NewIdentity): Promise<void>
}
