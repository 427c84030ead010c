/** What the county's bus lines are, and what boarding them costs. */
export interface BusLine {
  /** Of one run; the last is where everybody leaves. */
  readonly stops: number
  /** As the policy spells it. */
  readonly fare:
    | { readonly kind: 'flat'; readonly fen: number }
    | { readonly kind: 'zones'; readonly zoneOfStop: readonly number[]; readonly fenByZones: readonly number[] }
  /** The full fare from each stop but the last, in either direction. By hand: the buses' own sums are checked against it. */
  readonly fenFromStop: readonly number[]
}

/** More than any ride of these lines costs: an account that may spend it is never refused for its limit. */
export const ENOUGH_FEN = 500

export const BUS_LINES = {
  /** Through the town, one fare. */
  '8': { stops: 8, fare: { kind: 'flat', fen: 200 }, fenFromStop: [200, 200, 200, 200, 200, 200, 200] },
  /** Out to the villages, by zones up to the end of the run. */
  '9': {
    stops: 6,
    fare: { kind: 'zones', zoneOfStop: [1, 1, 2, 2, 3, 3], fenByZones: [100, 200, 300] },
    fenFromStop: [300, 300, 200, 200, 100],
  },
} as const satisfies Record<string, BusLine>

export type BusLineName = keyof typeof BUS_LINES
