/** What becomes of a showing, as records number it. Source: formats.md §5 field 5. */
export const OUTCOMES = ['admit', 'deny', 'refer'] as const
export type Outcome = (typeof OUTCOMES)[number]

export function outcomeToNumber(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome) + 1
}

export function outcomeFromNumber(value: number): Outcome | null {
  return OUTCOMES[value - 1] ?? null
}
