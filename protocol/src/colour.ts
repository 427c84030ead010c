/** The one colour enumeration, as records and stamps number it. Source: formats.md §1, §5 field 8. */
export const COLOURS = ['unknown', 'green', 'yellow', 'red'] as const
export type Colour = (typeof COLOURS)[number]

/** The colour a number stands for; an unmapped value is unknown, never green. */
export function colourFromNumber(value: number): Colour {
  return COLOURS[value] ?? 'unknown'
}

export function colourToNumber(colour: Colour): number {
  return COLOURS.indexOf(colour)
}
