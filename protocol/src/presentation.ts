import type { Colour } from './colour.ts'
import type { Kind } from './trust/trust-file.ts'

/** How the code was carried: decides what its replay mark is. */
export type Carrier = 'phone' | 'online' | 'paper'

/** The right to something, as the code's issuer signed it: an event, a ticket, a ride plan. Times are Unix seconds. */
export interface Entitlement {
  readonly scope: Uint8Array
  readonly right: string
  readonly from: number
  readonly until: number
}

/** Whose money a ride code spends, by the payment scheme's own sorting. Source: formats.md §3, offset 154. */
export const ACCOUNT_TYPES = ['ordinary', 'student', 'senior', 'test', 'soldier', 'other'] as const
export type AccountType = (typeof ACCOUNT_TYPES)[number]

/** The account behind a ride code. */
export interface RideAccount {
  readonly type: AccountType
  /** The most that one ride may cost, in fen. */
  readonly singleRideLimitFen: number
}

/** A verified code: what its issuer signed and what the showing added. Exists only after row 5 has passed. */
export interface Presentation {
  readonly family: string
  readonly issuer: string
  /** Key that signed it; null where the family has no such id. */
  readonly issuerKid: Uint8Array | null
  readonly kind: Kind
  readonly credentialId: Uint8Array
  /** Further ids under which anybody could show this very credential, as where a signature has a twin: denied and remembered as one. */
  readonly otherIds?: readonly Uint8Array[]
  readonly carrier: Carrier
  /** Unix seconds; null where nothing says when it was shown. */
  readonly shownAt: number | null
  /** Unix seconds. */
  readonly expiresAt: number
  /** Site and challenge the proof names. */
  readonly site: string | null
  readonly challenge: Uint8Array | null
  /** The issuer's pseudonym of the person. Sealed before it touches the disk. */
  readonly subject: Uint8Array | null
  readonly maskedName: string | null
  readonly entitlements: readonly Entitlement[]
  /** Null for families that carry no money. */
  readonly account: RideAccount | null
  /** Null for families without a colour: rows 18 to 20 are skipped. */
  readonly health: HealthEvidence | null
}

export interface HealthEvidence {
  /** The signed stamp, if the key may stamp; not yet held against clock or policy. */
  readonly stamp: { readonly colour: number; readonly asOf: number } | null
  /** The status index, if the key may cite that list. */
  readonly status: { readonly list: number; readonly index: number } | null
  /** The newest nucleic acid test stated, if the key may state facts. */
  readonly nat: { readonly positive: boolean; readonly sampledAt: number } | null
}

/** Colour that the evidence gives, after rows 18 and 19 have weighed it. */
export interface WeighedColour {
  readonly colour: Colour
  readonly revoked: boolean
  /** Age of the list used, Unix seconds of its asOf; null without one. */
  readonly listAsOf: number | null
}
