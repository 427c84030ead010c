import { balance, shorten, widest } from './text-layout.ts'

/** No text is smaller on any glass. */
export const MIN_TEXT_PX = 18

/** Distance of two lines, in font sizes. */
export const LEADING = { zh: 1.22, en: 1.3 } as const

/** Height of the name with the plate around it and the gap above, in font sizes. */
const NAME_HEIGHT = 1.95
const LARGEST_ZH_PX = 132
const LINE_COUNTS = [1, 2, 3]

export interface Words {
  readonly zh: string
  readonly en: string
  readonly hasName: boolean
}

export interface WordBlock {
  readonly zhLines: readonly string[]
  readonly enLines: readonly string[]
  readonly zhPx: number
  readonly enPx: number
  readonly namePx: number
  readonly height: number
}

interface Room {
  readonly width: number
  readonly height: number
}

interface Forms {
  readonly zh: readonly (readonly string[])[]
  readonly en: readonly (readonly string[])[]
  readonly hasName: boolean
}

/** The largest Chinese that fits the room with the English and the name beneath it; `unit` is the scale of the glass. */
export function fitWords({ zh, en, hasName }: Words, room: Room, unit: number): WordBlock {
  const forms: Forms = {
    zh: LINE_COUNTS.map(lines => balance(zh, lines)),
    en: en === '' ? [[]] : LINE_COUNTS.map(lines => balance(en, lines)),
    hasName,
  }
  for (let zhPx = LARGEST_ZH_PX * unit; zhPx > MIN_TEXT_PX; zhPx -= 1)
    for (const zhLines of forms.zh) {
      const block = setWords(forms, zhLines, zhPx, room, unit)
      const isNarrow = widest(zhLines) * zhPx <= room.width && widest(block.enLines) * block.enPx <= room.width
      if (isNarrow && block.height <= room.height) return block
    }
  const block = setWords(forms, forms.zh.at(-1) ?? [zh], MIN_TEXT_PX, room, unit)
  const cut = (line: string): string => shorten(line, room.width / MIN_TEXT_PX)
  return { ...block, zhLines: block.zhLines.map(cut), enLines: block.enLines.map(cut) }
}

function setWords(forms: Forms, zhLines: readonly string[], zhPx: number, room: Room, unit: number): WordBlock {
  const enPx = Math.max(MIN_TEXT_PX, Math.min(zhPx * 0.42, 38 * unit))
  const namePx = forms.hasName ? Math.max(MIN_TEXT_PX, Math.min(zhPx * 0.5, 40 * unit)) : 0
  const enLines = forms.en.find(lines => widest(lines) * enPx <= room.width) ?? forms.en.at(-1) ?? []
  const height = zhLines.length * zhPx * LEADING.zh + enLines.length * enPx * LEADING.en + namePx * NAME_HEIGHT
  return { zhLines, enLines, zhPx, enPx, namePx, height }
}
