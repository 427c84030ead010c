/* How wide a text stands and where it may break, so that a card needs no second look from the renderer. */

/**
 * Advance widths of U+0020–U+007E in thousandths of the font size, the wider of Noto Sans SC Medium and Bold.
 * Everything else counts as a full Chinese square. Source: the fonts' hmtx tables, compared by a test.
 */
export const ASCII_ADVANCES: readonly number[] = [
  227, 370, 574, 590, 590, 963, 740, 325, 378, 378, 507, 590, 325, 370, 325, 390, 590, 590, 590, 590, 590, 590, 590,
  590, 590, 590, 325, 325, 590, 590, 590, 514, 1007, 641, 681, 656, 714, 615, 585, 717, 757, 330, 568, 686, 578, 853,
  749, 770, 667, 770, 682, 624, 625, 748, 619, 915, 627, 580, 613, 378, 390, 378, 590, 567, 626, 591, 644, 527, 644,
  581, 372, 597, 640, 304, 306, 604, 315, 964, 641, 626, 644, 644, 437, 495, 421, 637, 576, 863, 562, 574, 511, 378,
  296, 378, 590,
]

const FULL_SQUARE = 1000
const FIRST_ASCII = 0x20

/** Width of a line, in font sizes. */
export function widthInEms(line: string): number {
  let thousandths = 0
  for (const character of line)
    thousandths += ASCII_ADVANCES[(character.codePointAt(0) ?? 0) - FIRST_ASCII] ?? FULL_SQUARE
  return thousandths / 1000
}

const words = new Intl.Segmenter('zh', { granularity: 'word' })
const CLOSING = /^[，。、：；！？,.:;!?)\]»”’]/u

/**
 * Splits a text between words into at most `maxLines` lines whose widest is narrow; a break after a sign that is there
 * anyway is worth a somewhat wider line.
 */
export function balance(text: string, maxLines: number): readonly string[] {
  const pieces = unbreakable(text)
  let best = [text]
  for (let lines = 2; lines <= Math.min(maxLines, pieces.length); lines++) {
    const candidate = narrowest(pieces, lines)
    if (cost(candidate) < cost(best)) best = candidate
  }
  // The new line is pause enough, and a comma at its end pulls a centred line to the left.
  return best.map((line, index) => (index < best.length - 1 ? line.replace(/[，、,]$/u, '') : line))
}

const BREAK_AT_SIGN = 0.75

function cost(lines: readonly string[]): number {
  const breaks = lines.slice(0, -1)
  const atSigns = breaks.length > 0 && breaks.every(line => /[，。、：；:,.]$/u.test(line))
  return widest(lines) * (atSigns ? BREAK_AT_SIGN : 1)
}

/** A text that is too long for its line, cut and marked as cut. */
export function shorten(text: string, maxEms: number): string {
  if (widthInEms(text) <= maxEms) return text
  const characters = [...text]
  while (characters.length > 0 && widthInEms(`${characters.join('')}…`) > maxEms) characters.pop()
  return `${characters.join('')}…`
}

export function widest(lines: readonly string[]): number {
  return Math.max(0, ...lines.map(widthInEms))
}

/** Words with the sign or the space that follows them: a line never begins with either. */
function unbreakable(text: string): string[] {
  const pieces: string[] = []
  for (const { segment } of words.segment(text)) {
    const last = pieces.at(-1)
    const glued =
      last !== undefined && (CLOSING.test(segment) || segment === ' ' || !/[ \p{Script=Han}，。、：；]$/u.test(last))
    if (glued) pieces[pieces.length - 1] = last + segment
    else pieces.push(segment)
  }
  return pieces
}

function narrowest(pieces: readonly string[], lines: number): string[] {
  if (lines === 1) return [pieces.join('').trim()]
  let best: string[] | null = null
  for (let cut = 1; cut <= pieces.length - lines + 1; cut++) {
    const candidate = [pieces.slice(0, cut).join('').trim(), ...narrowest(pieces.slice(cut), lines - 1)]
    // At a tie the longer line comes first: the later cut.
    if (best === null || cost(candidate) <= cost(best)) best = candidate
  }
  return best ?? [pieces.join('')]
}
