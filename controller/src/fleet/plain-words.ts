const MAX_CHARS = 200
/** Nothing a device says of itself needs one, and numbers of persons and cards are that long. */
const LONG_NUMBER = /\d{11,}[\dXx]?/g

/** A device's own words as they may be shown: short, and no number of anybody. */
export function plainWords(text: string, maxChars = MAX_CHARS): string {
  return text.slice(0, maxChars).replace(LONG_NUMBER, '…')
}
