/** A message of a revoked device that goes past its trusted head, whole. */
export interface QuarantinedMessage {
  readonly device: string
  readonly epoch: Uint8Array
  readonly from: number
  readonly through: number
  readonly linkThrough: Uint8Array
  /** How far its records count; those after it are what is quarantined. Below `from` where none of them counts. */
  readonly trustedSeq: number
  readonly message: Uint8Array
  readonly receivedMs: number
}

/** What nobody believes and nobody throws away: somebody may want to know later what a stolen key has signed. */
export interface Quarantine {
  /** Belongs inside a commit. False when this very message was kept before, or the device has as many here as it may. */
  keep(message: QuarantinedMessage): boolean
  /** Records past the trusted heads of a device that was ever revoked: those stored before that, and those kept here. */
  quarantinedRecords(device: string): number
}
