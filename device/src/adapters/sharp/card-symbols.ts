import type { Outcome, ReasonSymbol } from '@ankang/protocol'

/*
 * Signs drawn in a square of 100, centre 50/50. `on` is the colour of the plate's sign, `plate` the colour beneath it.
 * The plate's outline tells the outcome a second time, for those who see no colour: round goes, eight corners stop, square asks.
 */
const PLATES: Readonly<Record<Outcome, string>> = {
  admit: '<circle cx="50" cy="50" r="50"/>',
  deny: '<path d="M31 1h38a5 5 0 0 1 3.500 1.500l25 25a5 5 0 0 1 1.500 3.500v38a5 5 0 0 1-1.500 3.500l-25 25a5 5 0 0 1-3.500 1.500h-38a5 5 0 0 1-3.500-1.500l-25-25a5 5 0 0 1-1.500-3.500v-38a5 5 0 0 1 1.500-3.500l25-25a5 5 0 0 1 3.500-1.500z"/>',
  refer: '<rect x="2" y="2" width="96" height="96" rx="20"/>',
}

const SYMBOLS: Readonly<Record<ReasonSymbol, (on: string, plate: string) => string>> = {
  tick: on => line('M26 52 43 69 76 33', on, 12),
  cross: on => line('M31 31 69 69M69 31 31 69', on, 12),
  stop: on => `<rect x="21" y="41" width="58" height="18" rx="4" fill="${on}"/>`,
  clock: on =>
    `<circle cx="50" cy="50" r="29" fill="none" stroke="${on}" stroke-width="8"/>${line('M50 33V51L62 59', on, 8)}`,
  person: on =>
    `<circle cx="50" cy="35" r="14.500" fill="${on}"/><path d="M22 77c0-15 12-24 28-24s28 9 28 24a3 3 0 0 1-3 3H25a3 3 0 0 1-3-3z" fill="${on}"/>`,
  phone: (on, plate) =>
    `<rect x="31" y="18" width="38" height="64" rx="7" fill="${on}"/><rect x="36.500" y="27" width="27" height="41" rx="1.500" fill="${plate}"/><circle cx="50" cy="75" r="3" fill="${plate}"/>${line('M43 47 48.500 53 58 42', on, 5)}`,
  repeat: on =>
    `${line('M26 47a24.500 24.500 0 0 1 43-13', on, 8)}${line('M74 53a24.500 24.500 0 0 1-43 13', on, 8)}<path d="M78 22v21H57z" fill="${on}"/><path d="M22 78V57h21z" fill="${on}"/>`,
  question: on =>
    `${line('M36 38c0-9 6-14 14-14s14.500 5 14.500 13c0 11-14.500 11-14.500 22', on, 9)}<circle cx="50" cy="75" r="6" fill="${on}"/>`,
  tool: on =>
    `<path d="M76.500 33.500 66 44l-8.500-1.500L56 34l10.500-10.500a19 19 0 0 0-24.500 24.500L22.500 67.500a7 7 0 0 0 10 10L52 58a19 19 0 0 0 24.500-24.500z" fill="${on}"/>`,
}

function line(path: string, colour: string, width: number): string {
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`
}

export interface SignPlace {
  readonly x: number
  readonly y: number
  readonly size: number
}

/** The sign of a reason on its plate. */
export function drawSign(symbol: ReasonSymbol, outcome: Outcome, on: string, plate: string, place: SignPlace): string {
  return scaled(place, `<g fill="${plate}">${PLATES[outcome]}</g>${SYMBOLS[symbol](on, plate)}`)
}

/** A telephone that shows a code, between the corners of a viewfinder: what to do here. */
export function drawInvitation(on: string, ground: string, accent: string, place: SignPlace): string {
  const corners = line(
    'M4 22V10a6 6 0 0 1 6-6h12M78 4h12a6 6 0 0 1 6 6v12M96 78v12a6 6 0 0 1-6 6H78M22 96H10a6 6 0 0 1-6-6V78',
    accent,
    4,
  )
  const finder = (x: number, y: number): string =>
    `<rect x="${x}" y="${y}" width="9" height="9" fill="${ground}"/><rect x="${x + 2}" y="${y + 2}" width="5" height="5" fill="${on}"/><rect x="${x + 3}" y="${y + 3}" width="3" height="3" fill="${ground}"/>`
  const dots = ['0 4', '2 0', '4 4', '0 8', '6 6', '8 2', '8 8', '4 8', '6 0', '2 6']
    .map(at => at.split(' ').map(Number))
    .map(([x = 0, y = 0]) => `<rect x="${52 + x}" y="${52 + y}" width="2" height="2" fill="${ground}"/>`)
  const phone = `<rect x="29" y="14" width="42" height="72" rx="8" fill="${on}"/><rect x="44" y="18" width="12" height="2.400" rx="1.200" fill="${ground}"/>`
  return scaled(
    place,
    `${corners}${phone}${finder(38, 38)}${finder(53, 38)}${finder(38, 53)}${dots.join('')}<rect x="42" y="79" width="16" height="2.400" rx="1.200" fill="${ground}"/>`,
  )
}

function scaled({ x, y, size }: SignPlace, content: string): string {
  return `<g transform="translate(${x} ${y}) scale(${size / 100})">${content}</g>`
}
