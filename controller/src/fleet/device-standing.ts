/** What others know of a device: the broker, the registry, the ledger, the orders. Cheap to ask: every view does. */
export interface DeviceStanding {
  isConnected(device: string): boolean
  isRevoked(device: string): boolean
  /** Records put aside since their device was revoked. */
  quarantined(device: string): number
  /** 0 where none was ever set. */
  desiredVersion(device: string): number
}
