import { type BusPosition, type Direction, type Ride, yuanText } from '@ankang/protocol'
import { lineToShow } from './bus-record.ts'
import type { Words } from './controller-scene.ts'

const DIRECTION_WORDS: Readonly<Record<Direction, Words>> = {
  up: { zh: '上行', en: 'up' },
  down: { zh: '下行', en: 'down' },
}

/** The classes every county has; a class of a policy's own goes by its name. */
const FARE_CLASS_WORDS: ReadonlyMap<string, string> = new Map([
  ['ordinary', '普通'],
  ['student', '学生'],
  ['senior', '老年'],
  ['soldier', '军人'],
  ['companion', '随行'],
  ['plan', '月票'],
])

export function fareClassWords(fareClass: string): Words {
  return { zh: FARE_CLASS_WORDS.get(fareClass) ?? fareClass, en: fareClass }
}

function placeWords(position: BusPosition | null): Words {
  const line = lineToShow(position)
  if (position === null || line === null) return { zh: '线路未知', en: 'line unknown' }
  const { stop } = position
  const direction = DIRECTION_WORDS[position.direction]
  return { zh: `${line}路 ${direction.zh} 第${stop}站`, en: `line ${line} ${direction.en}, stop ${stop}` }
}

/** A ride in a few words, without the person's tag and without the run. */
export function rideWords({ position, fareClass, chargedFen, byDriverKey }: Ride): Words {
  const place = placeWords(position)
  const rate = fareClassWords(fareClass)
  const price =
    chargedFen === 0 ? { zh: '免费', en: 'free' } : { zh: `${yuanText(chargedFen)}元`, en: `¥${yuanText(chargedFen)}` }
  const companion = byDriverKey ? { zh: ' · 同行人', en: ' · companion' } : { zh: '', en: '' }
  return {
    zh: `${place.zh} · ${rate.zh} ${price.zh}${companion.zh}`,
    en: `${place.en} · ${rate.en} ${price.en}${companion.en}`,
  }
}
