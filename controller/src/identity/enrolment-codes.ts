/** A code as it is kept: who finds this here cannot enrol anything with it. */
export interface KeptCode {
  /** SHA-256 of the secret. */
  readonly secretHash: Uint8Array
  readonly site: string
  readonly device: string
  readonly createdMs: number
  readonly createdBy: string
  readonly expiresMs: number
  readonly usedMs: number | null
  /** Whether it may take the place of a box that is enrolled and not revoked. */
  readonly mayReplace: boolean
}

/** The one-time codes. What changes them belongs inside the registry's commit. */
export interface EnrolmentCodes {
  /** Withdraws the device's open code, if there is one: one at a time. */
  add(code: KeptCode): void
  find(secretHash: Uint8Array): KeptCode | null
  /** False when it was used, withdrawn or has expired meanwhile: of two who come at once only one hears true. */
  use(secretHash: Uint8Array, nowMs: number): boolean
  /** False when the device has no unused code. */
  withdraw(device: string): boolean
  /** Newest first. */
  list(): readonly KeptCode[]
}
