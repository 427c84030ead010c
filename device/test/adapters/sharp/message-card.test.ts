import { catalogue, type Outcome, type Reason } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { CARD_PAINTS } from '../../../src/adapters/sharp/card-palette.ts'
import { drawSign } from '../../../src/adapters/sharp/card-symbols.ts'
import { loadSharp } from '../../../src/adapters/sharp/load-sharp.ts'
import { type CardSize, drawMessageCard, escapeXml } from '../../../src/adapters/sharp/message-card.ts'
import { widthInEms } from '../../../src/adapters/sharp/text-layout.ts'
import {
  ENROLMENT_WORDS,
  type EnrolmentFailure,
  failureReason,
  WAITING_REASONS,
} from '../../../src/enrolment/enrolment-words.ts'
import type { DisplayMessage } from '../../../src/ports/display.ts'

const SIZES: readonly CardSize[] = [
  { width: 480, height: 272 },
  { width: 800, height: 480 },
  { width: 1024, height: 600 },
  { width: 1920, height: 1080 },
  { width: 480, height: 800 },
  { width: 1080, height: 1920 },
]
const failures = Object.keys(ENROLMENT_WORDS) as EnrolmentFailure[]
const reasons: readonly Reason[] = [
  ...catalogue.reasons.values(),
  ...Object.values(WAITING_REASONS),
  ...failures.map(failureReason),
]
const fault: DisplayMessage = {
  kind: 'fault',
  zh: '扫码器断开，请呼叫工作人员',
  en: 'The scanner is unplugged; please call a member of staff',
}

const notices: readonly DisplayMessage[] = [
  { kind: 'notice', sign: 'closed', zh: '暂停进入', en: 'Entry closed' },
  { kind: 'notice', sign: 'opened', zh: '远程开门', en: 'Opened by staff' },
]

function result(
  reason: Reason,
  maskedName: string | null = '欧阳*',
  outcome: Outcome = reason.outcome,
): DisplayMessage {
  return { kind: 'result', reason, outcome, maskedName, notice: null }
}

interface Line {
  readonly text: string
  readonly px: number
  readonly left: number
  readonly right: number
  readonly baseline: number
}

/** The texts of a card, measured. */
function linesOf(svg: string): Line[] {
  const pattern = /<text x="([\d.]+)" y="([\d.]+)" font-size="([\d.]+)"[^>]*text-anchor="(\w+)">([^<]*)<\/text>/g
  return [...svg.matchAll(pattern)].map(([, x, y, size, anchor, escaped = '']) => {
    const text = escaped.replaceAll('&#39;', "'")
    const px = Number(size)
    const width = widthInEms(text) * px
    const left = Number(x) - (anchor === 'middle' ? width / 2 : 0)
    return { text, px, left, right: left + width, baseline: Number(y) }
  })
}

/** Source: WCAG 2.2, relative luminance and contrast ratio. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [one, other].map(luminance).sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.040_45 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe.each(SIZES)('a card of $width×$height', size => {
  it.each(reasons)('holds all of $id, large enough to read and nothing over the edge', reason => {
    const lines = linesOf(drawMessageCard(result(reason), size))
    const all = lines
      .map(({ text }) => text)
      .join('')
      .replace(/[ ，]/g, '')
    for (const text of [reason.zh, reason.hintZh, '欧阳*']) expect(all).toContain(text.replace(/[ ，]/g, ''))
    for (const text of [reason.en, reason.hintEn]) expect(all).toContain(text.replace('’', "'").replaceAll(' ', ''))
    for (const { px, left, right, baseline } of lines) {
      expect(px).toBeGreaterThanOrEqual(18)
      expect(left).toBeGreaterThanOrEqual(0)
      expect(right).toBeLessThanOrEqual(size.width)
      expect(baseline - px * 0.9).toBeGreaterThanOrEqual(0)
      expect(baseline + px * 0.25).toBeLessThanOrEqual(size.height)
    }
  })

  it.each(reasons)('sets the Chinese of $id first and largest', reason => {
    const [first, ...rest] = linesOf(drawMessageCard(result(reason), size))
    expect(reason.zh.startsWith(first?.text ?? 'none')).toBe(true)
    expect(Math.max(...rest.map(({ px }) => px))).toBeLessThanOrEqual(first?.px ?? 0)
  })

  it('never lays one line over another', () => {
    for (const message of [...reasons.map(reason => result(reason)), fault, ...notices, { kind: 'idle' } as const]) {
      const lines = linesOf(drawMessageCard(message, size)).sort((a, b) => a.baseline - b.baseline)
      for (const [index, line] of lines.slice(1).entries())
        expect(line.baseline - line.px * 0.8).toBeGreaterThanOrEqual(lines[index]?.baseline ?? 0)
    }
  })

  it('can be drawn', async () => {
    const sharp = await loadSharp()
    const { width, height } = await sharp(Buffer.from(drawMessageCard({ kind: 'idle' }, size))).metadata()
    expect({ width, height }).toEqual(size)
  })
})

describe('a card', () => {
  const size = { width: 800, height: 480 }
  const ok = catalogue.reasons.get('ok')
  const red = catalogue.reasons.get('colour-red')
  if (ok === undefined || red === undefined) throw new RangeError('the reasons every build has are missing')

  it('has a contrast of 4.5:1 or more everywhere a text or a sign stands', () => {
    for (const paint of Object.values(CARD_PAINTS)) {
      expect(contrast(paint.ground, paint.text)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(paint.strip, paint.stripText)).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('says the same without its colour: signs and plates all differ', () => {
    const symbols = new Set(reasons.map(({ symbol }) => symbol))
    const place = { x: 0, y: 0, size: 100 }
    const signs = [...symbols].flatMap(symbol =>
      (['admit', 'deny', 'refer'] as const).map(outcome => drawSign(symbol, outcome, '#000000', '#ffffff', place)),
    )
    expect(new Set(signs).size).toBe(symbols.size * 3)
  })

  it('shows a softened outcome on the plate of that outcome', () => {
    expect(drawMessageCard(result(red, null, 'refer'), size)).not.toBe(drawMessageCard(result(red, null, 'deny'), size))
  })

  it('shows no name where none was given', () => {
    const texts = linesOf(drawMessageCard(result(ok, null), size)).map(({ text }) => text)
    expect(texts).toEqual(['请通行', 'Please go in'])
  })

  it('takes a name for text, whatever is in it', async () => {
    const sharp = await loadSharp()
    const name = `</a>&"'\u0000\ud800`
    const svg = drawMessageCard(result(ok, name), size)
    expect(svg).not.toContain('</a>')
    expect(svg).toContain('&lt;/a&gt;&amp;&quot;&#39;□□')
    await expect(sharp(Buffer.from(svg)).metadata()).resolves.toMatchObject({ width: 800 })
  })

  it('cuts a name or a text that no glass could hold, and shows that it did', () => {
    const long = { kind: 'fault', zh: '扫码器断开'.repeat(40), en: 'unplugged '.repeat(60) } as const
    for (const message of [result(ok, '阿布都热合曼·'.repeat(6)), long])
      for (const size of SIZES) {
        const lines = linesOf(drawMessageCard(message, size))
        expect(Math.max(...lines.map(({ right }) => right))).toBeLessThanOrEqual(size.width)
        expect(lines.some(({ text }) => text.endsWith('…'))).toBe(true)
      }
  })

  it('keeps characters beyond the first plane', () => {
    expect(escapeXml('赵*𫖯')).toBe('赵*𫖯')
  })
})
