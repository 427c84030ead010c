import type { DisplayMessage } from '../../ports/display.ts'
import { CARD_PAINTS, type CardPaint } from './card-palette.ts'
import { drawInvitation, drawSign, type SignPlace } from './card-symbols.ts'
import { fitWords, LEADING, MIN_TEXT_PX } from './fit-words.ts'
import { FONT_FAMILY } from './load-sharp.ts'
import { balance, shorten, widthInEms } from './text-layout.ts'

export interface CardSize {
  readonly width: number
  readonly height: number
}

/** What stands on a card, whatever the message was. */
interface CardContent {
  readonly paint: CardPaint
  readonly zh: string
  readonly en: string
  readonly hintZh: string
  readonly hintEn: string
  readonly name: string | null
  sign(place: SignPlace): string
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const IDLE_TEXT = { zh: '请出示安康码', en: 'Please show your code' } as const

const IDLE_ACCENT = '#4fd1b5'

const NOTICE_SIGNS = {
  closed: { colour: 'red', symbol: 'stop', outcome: 'deny' },
  opened: { colour: 'green', symbol: 'tick', outcome: 'admit' },
} as const

/** The picture of a message: symbol, words and colour each say the same. A pure function to SVG. */
export function drawMessageCard(message: DisplayMessage, size: CardSize): string {
  const content = contentOf(message)
  const { width, height } = size
  const unit = Math.min(Math.min(width, height) / 480, Math.max(width, height) / 800)
  const stripHeight = content.hintZh === '' && content.hintEn === '' ? 0 : Math.max(116 * unit, 3.4 * MIN_TEXT_PX)
  const body = { x: 0, y: 0, width, height: height - stripHeight }
  const strip = { x: 0, y: height - stripHeight, width, height: stripHeight }
  const parts = [
    rectangle({ x: 0, y: 0, width, height }, content.paint.ground),
    ...(width >= height ? drawBeside(content, body, unit) : drawBelow(content, body, unit)),
    ...(stripHeight > 0 ? drawStrip(content, strip, unit, width < height) : []),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT_FAMILY}">${parts.join('')}</svg>`
}

function contentOf(message: DisplayMessage): CardContent {
  const none = { hintZh: '', hintEn: '', name: null }
  switch (message.kind) {
    case 'idle': {
      const paint = CARD_PAINTS.idle
      return {
        ...none,
        ...(message.invitation ?? IDLE_TEXT),
        paint,
        sign: place => drawInvitation(paint.text, paint.ground, IDLE_ACCENT, place),
      }
    }
    case 'fault': {
      const paint = CARD_PAINTS.grey
      const sign = (place: SignPlace): string => drawSign('tool', 'refer', paint.ground, paint.text, place)
      return { ...none, zh: message.zh, en: message.en, paint, sign }
    }
    case 'notice': {
      const { colour, symbol, outcome } = NOTICE_SIGNS[message.sign]
      const paint = CARD_PAINTS[colour]
      const sign = (place: SignPlace): string => drawSign(symbol, outcome, paint.ground, paint.text, place)
      return { ...none, zh: message.zh, en: message.en, paint, sign }
    }
    case 'result': {
      const { reason, outcome, maskedName, notice } = message
      const paint = CARD_PAINTS[reason.colour]
      const sign = (place: SignPlace): string => drawSign(reason.symbol, outcome, paint.ground, paint.text, place)
      return { ...(notice ?? reason), paint, name: maskedName, sign }
    }
  }
}

function drawBeside(content: CardContent, body: Box, unit: number): string[] {
  const margin = 36 * unit
  const signSize = Math.min(body.height - 2 * margin, body.width * 0.34)
  const textX = margin + signSize + 40 * unit
  const sign = content.sign({ x: margin, y: (body.height - signSize) / 2, size: signSize })
  const box = { x: textX, y: margin / 2, width: body.width - textX - margin, height: body.height - margin }
  return [sign, ...drawWords(content, box, unit, 'start')]
}

function drawBelow(content: CardContent, body: Box, unit: number): string[] {
  const margin = 40 * unit
  const signSize = Math.min(body.width * 0.58, body.height * 0.4)
  const sign = content.sign({ x: (body.width - signSize) / 2, y: body.height * 0.1, size: signSize })
  const top = body.height * 0.1 + signSize + margin
  const box = { x: margin, y: top, width: body.width - 2 * margin, height: body.height - top - margin }
  return [sign, ...drawWords(content, box, unit, 'middle')]
}

/** Chinese as large as the box allows, English beneath, the name last; centred as one block. */
function drawWords(content: CardContent, box: Box, unit: number, anchor: 'start' | 'middle'): string[] {
  const block = fitWords({ zh: content.zh, en: plainQuotes(content.en), hasName: content.name !== null }, box, unit)
  const x = anchor === 'start' ? box.x : box.x + box.width / 2
  const { text } = content.paint
  const parts: string[] = []
  let y = box.y + (box.height - block.height) / 2
  for (const line of block.zhLines) {
    parts.push(textLine(line, { x, y: y + block.zhPx * 0.93, px: block.zhPx, weight: 700, fill: text, anchor }))
    y += block.zhPx * LEADING.zh
  }
  for (const line of block.enLines) {
    parts.push(textLine(line, { x, y: y + block.enPx, px: block.enPx, weight: 500, fill: text, anchor }))
    y += block.enPx * LEADING.en
  }
  if (content.name !== null) {
    y += block.namePx * 0.45
    const padding = 1.2 * block.namePx
    const name = shorten(content.name, (box.width - padding) / block.namePx)
    const width = widthInEms(name) * block.namePx + padding
    const left = anchor === 'start' ? x : x - width / 2
    const height = block.namePx * 1.5
    parts.push(
      `<rect x="${left}" y="${y}" width="${width}" height="${height}" rx="${height / 2}" fill="${content.paint.strip}"/>`,
      textLine(name, {
        x: left + width / 2,
        y: y + height * 0.5 + block.namePx * 0.36,
        px: block.namePx,
        weight: 700,
        fill: content.paint.stripText,
        anchor: 'middle',
      }),
    )
  }
  return parts
}

/** What to do next, on a strip of its own along the foot. */
function drawStrip(content: CardContent, strip: Box, unit: number, centred: boolean): string[] {
  const margin = 36 * unit
  const room = strip.width - 2 * margin
  const en = plainQuotes(content.hintEn)
  const zhPx = Math.max(MIN_TEXT_PX, Math.min(40 * unit, room / Math.max(1, widthInEms(content.hintZh))))
  const enPx = Math.max(MIN_TEXT_PX, Math.min(25 * unit, room / Math.max(1, widthInEms(en))))
  const enLines = widthInEms(en) * enPx <= room ? [en] : balance(en, 2)
  const x = centred ? strip.x + strip.width / 2 : strip.x + margin
  const anchor = centred ? 'middle' : 'start'
  const height = zhPx * 1.25 + enLines.length * enPx * 1.3
  let y = strip.y + (strip.height - height) / 2
  const parts = [rectangle(strip, content.paint.strip)]
  const fill = content.paint.stripText
  parts.push(textLine(content.hintZh, { x, y: y + zhPx * 0.95, px: zhPx, weight: 700, fill, anchor }))
  y += zhPx * 1.25
  for (const line of enLines) {
    parts.push(textLine(line, { x, y: y + enPx, px: enPx, weight: 500, fill, anchor }))
    y += enPx * 1.3
  }
  return parts
}

interface TextPlace {
  readonly x: number
  readonly y: number
  readonly px: number
  readonly weight: 500 | 700
  readonly fill: string
  readonly anchor: 'start' | 'middle'
}

function textLine(text: string, { x, y, px, weight, fill, anchor }: TextPlace): string {
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${px.toFixed(1)}"`
  return `<text ${place} font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeXml(text)}</text>`
}

function rectangle({ x, y, width, height }: Box, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`
}

/** In a Chinese font the curly quotes are full squares and tear an English word apart. */
function plainQuotes(english: string): string {
  return english.replace(/[‘’]/g, "'").replace(/[“”]/g, '"')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as XML may hold it: markup escaped, what XML forbids replaced by a visible sign. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '□')
    .replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
}
