import type { PublicKey } from '@ankang/protocol'

/** Where a revoked device's word ends: its last signed head before that. Null where it never signed one. */
export interface TrustedHead {
  readonly epoch: Uint8Array
  readonly seq: number
}

export interface EnrolledDevice {
  readonly site: string
  readonly device: string
  /** Raw Ed25519, 32 bytes: what signs its records now. */
  readonly publicKey: Uint8Array
  readonly key: PublicKey
  readonly enrolledMs: number
  /** Null while it is one of ours. */
  readonly revoked: { readonly timeMs: number; readonly reason: string; readonly trusted: TrustedHead | null } | null
}

export interface IssuedCertificate {
  /** SHA-256 of the DER, 32 bytes. */
  readonly fingerprint: Uint8Array
  readonly device: string
  /** Hex. */
  readonly serial: string
  readonly issuedMs: number
  readonly notAfterMs: number
  readonly revokedMs: number | null
}

/** A key a device has signed with, kept for as long as the ledger is. */
export interface DeviceKeyPeriod {
  readonly publicKey: Uint8Array
  readonly fromMs: number
  readonly untilMs: number | null
  readonly endReason: string | null
}

/** Whether a certificate may speak for a device, now. Each refusal is a reason that is logged and counted. */
export type LineVerdict =
  | { readonly ok: true; readonly device: EnrolledDevice }
  | {
      readonly ok: false
      readonly reason: 'certificate-unknown' | 'certificate-expired' | 'certificate-revoked' | 'device-revoked'
    }

/** What the broker asks of whoever connects with a certificate. */
export interface Gate {
  /** `fingerprint` of the certificate that the TLS handshake proved. */
  admit(fingerprint: Uint8Array): LineVerdict
  /** Told when a device's line is to be cut: revoked, or its certificate withdrawn. Returns the way out. */
  onCut(listener: (device: string) => void): () => void
}

/** What the broker asks of whoever connects with a name and a token instead: a read-only account of an operator. */
export interface TokenGate {
  /** The token's name when it is good now, else null. Cheap: tokens are random, so a plain hash is compared. */
  admitToken(name: string, token: string): string | null
}
