import type { Outcome } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import type { Resident } from '../city/resident.ts'
import type { ResidentGroup, Standing } from '../city/resident-shares.ts'

/** What has to come of a showing. */
export interface Expected {
  readonly outcome: Outcome
  readonly reason: string
}

/** One code held to a reader, and what has to come of it. */
export interface Showing<E extends Expected = Expected> {
  readonly scenario: string
  readonly code: Uint8Array
  readonly expected: E
}

/** Where a scenario plays. Every code is made for the moment it is shown. */
export interface Stage {
  readonly city: CityPlatform
  readonly site: string
  /** Unix seconds. */
  readonly now: number
  /** Somebody of this kind, another one each time. */
  person(group: ResidentGroup, standing?: Standing): Resident
}

/** One kind of presentation at a door. */
export interface Scenario {
  readonly id: string
  readonly zh: string
  readonly en: string
  /** How often it comes in everyday life, relative to the others; 0: only when every kind is wanted. */
  readonly everyday: number
  readonly expected: Expected
  /** The code. Of a list each is shown in turn, and only the last has to come out as `expected`: the ones before are admitted. */
  codes(stage: Stage): readonly [Uint8Array, ...Uint8Array[]]
}
