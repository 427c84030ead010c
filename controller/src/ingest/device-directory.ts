import type { EnrolledDevice } from '../identity/registry.ts'

/** A device this controller answers for, with its present key. Being enrolled is what grants its first epoch. */
export type KnownDevice = Omit<EnrolledDevice, 'enrolledMs'>

/** The registry, as far as messages are concerned. Revoked devices are known too. */
export interface DeviceDirectory {
  find(device: string): KnownDevice | null
  all(): readonly KnownDevice[]
}
