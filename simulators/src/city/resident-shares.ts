import type { Weighted } from './seeded-draw.ts'

/** What kind of holder a resident is: decides who issues the code, on what, and for whom. */
export type ResidentGroup =
  | 'ordinary'
  /** Has a paper code. */
  | 'elderly'
  /** A child or parent on somebody else's phone. */
  | 'companion'
  | 'enterprise'
  /** From a neighbouring place whose key the county trusts. */
  | 'visitor'
  /** From a place whose key the county does not know. */
  | 'stranger'

/** What the platform's status list says of a resident. */
export type Standing = 'green' | 'yellow' | 'red' | 'revoked'

/** Among ten thousand. Rarer in life, but a demonstration has to show them. */
export const GROUP_SHARES: readonly [Weighted<ResidentGroup>, ...Weighted<ResidentGroup>[]] = [
  { value: 'ordinary', weight: 7700 },
  { value: 'elderly', weight: 1200 },
  { value: 'companion', weight: 500 },
  { value: 'enterprise', weight: 200 },
  { value: 'visitor', weight: 300 },
  { value: 'stranger', weight: 100 },
]

/** Among ten thousand, in every group. */
export const STANDING_SHARES: readonly [Weighted<Standing>, ...Weighted<Standing>[]] = [
  { value: 'green', weight: 9500 },
  { value: 'yellow', weight: 250 },
  { value: 'red', weight: 150 },
  { value: 'revoked', weight: 100 },
]

/** Years of birth. Fixed, so that a resident never depends on today. */
export const BIRTH_YEARS = {
  ordinary: [1963, 2004],
  elderly: [1932, 1962],
  companion: [2006, 2018],
  enterprise: [1963, 1996],
  visitor: [1963, 2004],
  stranger: [1963, 2004],
} as const satisfies Record<ResidentGroup, readonly [number, number]>

/** Division codes: the county, the trusted neighbour, and a place nobody here has a key of. */
export const PLACES = { county: '341523', neighbour: '341524', elsewhere: '341302' } as const
