/*
 * Operating days and their keys. A ride's tag is made with the key of its day, so that rides of one person can be settled
 * together within the day, and not be joined across days once the keys are gone. Source: formats.md §5.
 */
import { utf8 } from '../codec/bytes.ts'
import { hmacSha256 } from '../crypto.ts'

const CHINA_OFFSET_SECONDS = 8 * 3600

export interface DayKey {
  /** yyyymmdd */
  readonly day: number
  readonly key: Uint8Array
}

/** The operating day at `now` (Unix seconds), as yyyymmdd in China; it begins at `startsHour`, so that a night bus ends the day it began. */
export function operatingDay(now: number, startsHour: number): number {
  const date = new Date((now + CHINA_OFFSET_SECONDS - startsHour * 3600) * 1000)
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate()
}

/** Whether a number is a day as yyyymmdd. */
export function isCalendarDay(day: number): boolean {
  const [year, month, dayOfMonth] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100]
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth))
  return year >= 2000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth
}

/**
 * The key of `day`. A bus that has been offline for longer than its keys last derives the next ones from its last, as every
 * bus with the same policy does: transfers go on being found. Before the first key the first one serves.
 */
export function keyOfDay(keys: readonly [DayKey, ...DayKey[]], day: number): Uint8Array {
  const listed = keys.find(key => key.day === day)
  if (listed !== undefined) return listed.key
  const rising = keys.toSorted((a, b) => a.day - b.day)
  const base = rising.findLast(key => key.day < day) ?? rising[0] ?? keys[0]
  return hmacSha256(base.key, utf8(String(day)))
}
