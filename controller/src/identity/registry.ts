import type { Head, PublicKey } from '@ankang/protocol'
import type { IssuedClientCertificate } from './certificate-authority.ts'

/** A key a device signs with, or has signed with. */
export interface KnownKey {
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly key: PublicKey
}

/** Where a revoked device's word ends: its last signed head before that. Null where it never signed one. */
export interface TrustedHead {
  readonly epoch: Uint8Array
  readonly seq: number
}

export interface EnrolledDevice extends KnownKey {
  readonly site: string
  readonly device: string
  /** Those of earlier enrolments, newest first: what they began still counts. */
  readonly formerKeys: readonly KnownKey[]
  /** Of the present enrolment. */
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
  readonly pem: string
}

/** A key a device has signed with, kept for as long as the ledger is. */
export interface DeviceKeyPeriod {
  readonly publicKey: Uint8Array
  readonly fromMs: number
  readonly untilMs: number | null
  readonly endReason: 'replaced' | 'revoked' | null
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

/**
 * What a key's signature is worth for new records of an epoch.
 * - `current`: everything, new epochs too.
 * - `replaced`: epochs that are stored go on under it, none begins.
 * - `bounded`: its device was revoked; records up to `trusted`, and only if that head's link is theirs. Null: none.
 * - `none`: not a key of that device.
 */
export type KeyWord =
  | { readonly kind: 'current' | 'replaced' | 'none' }
  | { readonly kind: 'bounded'; readonly trusted: Pick<Head, 'seq' | 'link'> | null }

/** Asked inside the commit that stores the records: what another process has revoked counts from its commit on. */
export interface KeyHistory {
  wordOf(device: string, publicKey: Uint8Array, epoch: Uint8Array): KeyWord
}

export interface NewEnrolment {
  readonly site: string
  readonly device: string
  readonly publicKey: Uint8Array
  readonly certificate: IssuedClientCertificate
}

/** Why a key may not become a device's. */
export type KeyObjection = 'device-revoked' | 'wrong-key'

/**
 * Which devices are ours, with which keys and certificates. What changes it belongs inside `commit`: durable together or
 * not there at all, and the lines it cuts are cut after it.
 */
export interface Registry extends Gate, KeyHistory {
  commit<T>(work: () => T): T
  /** Revoked ones too: their records before the trusted head are accepted. */
  find(device: string): EnrolledDevice | null
  /** By device id; revoked ones too. */
  all(): readonly EnrolledDevice[]
  /** Newest first. */
  certificatesOf(device: string): readonly IssuedCertificate[]
  /** Newest first. */
  keysOf(device: string): readonly DeviceKeyPeriod[]
  /**
   * Null where the device may be enrolled with this key: its present one, or one that nobody ever had. A key once given up
   * is not taken back, and a revoked one never lives again.
   */
  objectionTo(device: string, publicKey: Uint8Array): KeyObjection | null
  /** Begins an enrolment, also of a revoked device: earlier certificates end, and so does the earlier key if it is another. */
  enrol(enrolment: NewEnrolment): void
  /** A further certificate of the present enrolment; the earlier ones stay good until they run out. */
  certify(device: string, certificate: IssuedClientCertificate): void
  /** Ends a device's word at its newest head received so far. False when it is not ours or was revoked before. */
  revoke(device: string, reason: string): boolean
  /** Notices what other processes have changed. Cheap when they have not. */
  pollOutside(): void
}
