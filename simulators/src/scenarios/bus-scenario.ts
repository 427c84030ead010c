import type { AccountType } from '@ankang/protocol'
import type { RideIssuerName } from '../ride/ride-issuers.ts'
import type { RidePlatform } from '../ride/ride-platform.ts'
import type { Rider } from '../ride/rider.ts'
import type { Expected, Stage } from './scenario.ts'

/** What has to come of a showing on a bus. */
export interface ExpectedRide extends Expected {
  /** What the ride costs; null where nobody rides. */
  readonly fareFen: number | null
}

/** A bus at a stop. Every code is made for the moment it is shown. */
export interface BusStage extends Stage {
  readonly rides: RidePlatform
  /** From this stop, before any concession. */
  readonly fullFareFen: number
  /** An account of this type that may spend what a ride costs, another one each time; the county's own unless said. */
  rider(type: AccountType, issuer?: RideIssuerName): Rider
  /** Somebody who has just ridden on another bus; where nobody has, somebody new. */
  changing(): Rider
  /** Somebody has ridden, and may change to another bus. */
  rode(rider: Rider): void
}

/** What happens on a bus. */
export type BusAct =
  | { readonly kind: 'show'; readonly code: Uint8Array; readonly expected: ExpectedRide }
  /** The driver lets one more ride be paid by the same account. */
  | { readonly kind: 'driver-key' }
  /** The radio falls silent, until it is heard again. */
  | { readonly kind: 'tunnel' }
  | { readonly kind: 'daylight' }
  /** In the depot: the device goes off and on again. */
  | { readonly kind: 'night' }

/** One kind of passenger, or one thing that happens on a bus. */
export interface BusScenario {
  readonly id: string
  readonly zh: string
  readonly en: string
  /** How often it comes in everyday life, relative to the others; 0: only when every kind is wanted. */
  readonly everyday: number
  /** In order. */
  acts(stage: BusStage): readonly BusAct[]
}

/** A ride at `percent` of the full fare. */
export function paid({ fullFareFen }: BusStage, code: Uint8Array, percent: number): BusAct {
  const fareFen = Math.floor((fullFareFen * percent) / 100)
  return { kind: 'show', code, expected: { outcome: 'admit', reason: 'ok', fareFen } }
}

export function refused(code: Uint8Array, reason: string): BusAct {
  return { kind: 'show', code, expected: { outcome: 'deny', reason, fareFen: null } }
}

/** Sent to a person. */
export function referred(code: Uint8Array, reason: string): BusAct {
  return { kind: 'show', code, expected: { outcome: 'refer', reason, fareFen: null } }
}
