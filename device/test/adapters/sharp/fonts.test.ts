import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { catalogue } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { FONT_FAMILY, fontFiles, loadSharp } from '../../../src/adapters/sharp/load-sharp.ts'
import { drawMessageCard, IDLE_TEXT } from '../../../src/adapters/sharp/message-card.ts'
import { ASCII_ADVANCES } from '../../../src/adapters/sharp/text-layout.ts'
import {
  ENROLMENT_WORDS,
  type EnrolmentFailure,
  failureReason,
  WAITING_INVITATION,
  WAITING_REASONS,
} from '../../../src/enrolment/enrolment-words.ts'
import { readTrueType } from '../../fixtures/true-type.ts'

const NAMES = ['欧阳*', '张*三', '李*', '阿*买提·*', '*', '龑*', '赵*𫖯']
/** Characters that no font has. */
const UNASSIGNED = Array.from({ length: 14 }, (_, index) => String.fromCodePoint(0xe000 + index * 0x1b7))
const SIDE = 32
const FAILURES = Object.keys(ENROLMENT_WORDS) as EnrolmentFailure[]
const fonts = fontFiles().map(file => ({ file, font: readTrueType(file) }))

/** Every character that stands on some card, as drawn. */
function shownCharacters(): Set<string> {
  const size = { width: 800, height: 480 }
  const waiting = [...Object.values(WAITING_REASONS), ...FAILURES.map(failureReason)]
  const cards = [...catalogue.reasons.values(), ...waiting].flatMap(reason =>
    NAMES.map(maskedName =>
      drawMessageCard({ kind: 'result', reason, outcome: reason.outcome, maskedName, notice: null }, size),
    ),
  )
  cards.push(drawMessageCard({ kind: 'idle' }, size))
  cards.push(drawMessageCard({ kind: 'idle', invitation: WAITING_INVITATION }, size))
  const texts = cards.flatMap(card => [...card.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text))
  return new Set([...texts.join('').replaceAll('&#39;', "'")].filter(character => character.trim() !== ''))
}

/** How one character looks: which pixels are dark. */
async function look(character: string, family = FONT_FAMILY): Promise<boolean[]> {
  const sharp = await loadSharp()
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect width="${SIDE}" height="${SIDE}" fill="#fff"/>
    <text x="2" y="26" font-size="24" font-weight="700" font-family="${family}">${character}</text></svg>`
  const pixels = await sharp(Buffer.from(svg)).grayscale().raw().toBuffer()
  return [...pixels].map(value => value < 160)
}

/** A missing glyph is drawn as a frame around the number of its character: what tells it is the edge of what all have. */
async function missingGlyphFrame(): Promise<(seen: readonly boolean[]) => boolean> {
  const looks = await Promise.all(UNASSIGNED.map(character => look(character)))
  const common = Array.from({ length: SIDE * SIDE }, (_, at) => at).filter(at => looks.every(seen => seen[at] === true))
  const rows = common.map(at => Math.floor(at / SIDE))
  const columns = common.map(at => at % SIDE)
  const isEdge = (at: number): boolean =>
    [Math.min(...rows), Math.max(...rows)].includes(Math.floor(at / SIDE)) ||
    [Math.min(...columns), Math.max(...columns)].includes(at % SIDE)
  const frame = common.filter(isEdge)
  expect(frame.length).toBeGreaterThan(60)
  return seen => frame.every(at => seen[at] === true)
}

describe('the fonts that come with the device', () => {
  it('are the two weights the cards use', () => {
    expect(fonts.map(({ file }) => file.split('/').at(-1))).toEqual([
      'NotoSansSC_500Medium.ttf',
      'NotoSansSC_700Bold.ttf',
    ])
  })

  it('have a glyph for every character of every text and name on a card', () => {
    const characters = shownCharacters()
    for (const text of [IDLE_TEXT.zh, '请通行', '张*三'].join('')) expect(characters).toContain(text)
    expect(characters.size).toBeGreaterThan(120)
    for (const { font } of fonts) {
      const missing = [...characters].filter(character => font.glyphOf(character.codePointAt(0) ?? 0) === 0)
      expect(missing).toEqual([])
    }
  })

  it('draw none of those characters as the missing-glyph box or as nothing', async () => {
    const isMissing = await missingGlyphFrame()
    const wrong: string[] = []
    for (const character of shownCharacters()) {
      const seen = await look(character)
      if (isMissing(seen) || !seen.includes(true)) wrong.push(character)
    }
    expect(wrong).toEqual([])
  })

  it('are as wide as the layout counts', () => {
    const widest = ASCII_ADVANCES.map((_, index) => Math.max(...fonts.map(({ font }) => font.advanceOf(0x20 + index))))
    expect(widest).toEqual(ASCII_ADVANCES)
    for (const { font } of fonts)
      for (const square of '安，。…') expect(font.advanceOf(square.codePointAt(0) ?? 0)).toBe(1000)
  })
})

describe('the picture library', () => {
  it('knows no font but ours: whatever a machine has installed changes nothing', async () => {
    const arabic = 'س' // in many a machine's fonts, and not in ours
    expect(fonts.every(({ font }) => font.glyphOf(arabic.codePointAt(0) ?? 0) === 0)).toBe(true)
    const isMissing = await missingGlyphFrame()
    expect(isMissing(await look(arabic))).toBe(true)
    expect(isMissing(await look('安'))).toBe(false)
    expect(await look('安', 'DejaVu Sans, Noto Serif CJK SC, serif')).toEqual(await look('安'))
  })

  it('goes on drawing after its font list is gone, and leaves nothing behind for other programs', async () => {
    await loadSharp()
    expect(process.env['FONTCONFIG_FILE']).toBeUndefined()
    const before = await look('康')
    expect(readdirSync(tmpdir()).filter(name => name.startsWith(`ankang-fonts-${process.pid}-`))).toEqual([])
    expect(await look('康')).toEqual(before)
  })
})
