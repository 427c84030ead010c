import type { AccountType } from '@ankang/protocol'
import type { Weighted } from '../city/seeded-draw.ts'
import type { RideIssuerName } from './ride-issuers.ts'

/** Among a hundred. */
export const ACCOUNT_TYPE_SHARES: readonly [Weighted<AccountType>, ...Weighted<AccountType>[]] = [
  { value: 'ordinary', weight: 70 },
  { value: 'student', weight: 10 },
  { value: 'senior', weight: 14 },
  { value: 'soldier', weight: 3 },
  { value: 'test', weight: 1 },
  { value: 'other', weight: 2 },
]

/** Among a hundred. */
export const RIDE_ISSUER_SHARES: readonly [Weighted<RideIssuerName>, ...Weighted<RideIssuerName>[]] = [
  { value: 'county', weight: 90 },
  { value: 'neighbour', weight: 10 },
]

/** The most that one ride may cost, in fen, among a hundred. The lowest is below any fare, so that some rides are refused for it. */
export const RIDE_LIMIT_SHARES: readonly [Weighted<number>, ...Weighted<number>[]] = [
  { value: 2000, weight: 85 },
  { value: 1000, weight: 12 },
  { value: 500, weight: 2 },
  { value: 50, weight: 1 },
]
