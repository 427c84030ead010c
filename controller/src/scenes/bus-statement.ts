import type { OperatorSums, Sums } from './bus-settlement.ts'

export interface OperatorDay extends OperatorSums {
  /** yyyymmdd */
  readonly day: number
}

/** A record that may be a ride and is in no sum. */
export interface UnsettledPlace {
  readonly device: string
  /** Hex. */
  readonly epoch: string
  readonly seq: number
  readonly why: string
}

/** How far the sums can be trusted to be whole. */
export interface Completeness {
  /** Rides read, of all operators: one operator's transfers hang on the rides of the others. */
  readonly ridesRead: number
  /** Of those, rides whose box could not vouch for its clock: order, transfers and day rest on that clock. */
  readonly clockUnvouched: number
  /** Records that may be rides and could not be settled; `places` names the first of them. */
  readonly unsettled: { readonly count: number; readonly places: readonly UnsettledPlace[] }
  /** Records that may be rides, stored past what their device was trusted for when it was revoked; in no sum. */
  readonly quarantined: number
  readonly devices: readonly DeviceCompleteness[]
}

export interface DeviceCompleteness {
  readonly device: string
  /** The newest stored record, its time cut to the hour: the ride of somebody is not told to the second. Null: only heads came. */
  readonly newest: { readonly epoch: string; readonly seq: number; readonly hourMs: number | null } | null
  /** Records the device has signed to have and that are not stored. */
  readonly missing: number
  /** Messages that contradict the stored chain; what they hold is in no sum. */
  readonly forks: number
  /** Records past what the device was trusted for when it was revoked, stored or kept apart; in no sum. */
  readonly quarantined: number
}

/** What `ankang settle` prints. No tag, no time of a ride, no list of rides. */
export interface BusStatement {
  /** When the newest record of this store was received, Unix ms: settled from the same records, a statement is the same. Null: no record. */
  readonly asOfMs: number | null
  /** What was asked for; null: all. */
  readonly day: number | null
  readonly operator: string | null
  readonly operatorDays: readonly OperatorDay[]
  readonly totals: Sums
  readonly completeness: Completeness
}
