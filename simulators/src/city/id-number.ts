/*
 * Resident ID numbers. Source: GB 11643.
 *
 *   6 division · 8 birth YYYYMMDD · 3 sequence (odd male, even female) · 1 check, ISO 7064 MOD 11-2 (X is ten)
 */
import type { SeededDraw } from './seeded-draw.ts'

const CHECK_DIGITS = '10X98765432'
const SHAPE = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/

export type Sex = 'male' | 'female'

export interface BirthDate {
  readonly year: number
  /** 1 … 12. */
  readonly month: number
  readonly day: number
}

/** The check digit of the first seventeen: the weight of a place is 2 to the power of its distance from the end, modulo 11. */
export function idCheckDigit(first17: string): string {
  let sum = 0
  for (const digit of first17) sum = ((sum + Number(digit)) * 2) % 11
  return CHECK_DIGITS.charAt(sum)
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** Whether `text` is a well-formed ID number with a date that exists and the right check digit. */
export function isIdNumber(text: string): boolean {
  const [, year, month, day] = (SHAPE.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return false
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false
  return idCheckDigit(text.slice(0, 17)) === text.charAt(17)
}

export function drawBirthDate(draw: SeededDraw, fromYear: number, throughYear: number): BirthDate {
  const year = draw.between(fromYear, throughYear)
  const month = draw.between(1, 12)
  return { year, month, day: draw.between(1, daysInMonth(year, month)) }
}

/** An ID number of `division` (six digits). */
export function drawIdNumber(draw: SeededDraw, division: string, birth: BirthDate, sex: Sex): string {
  const sequence = draw.below(500) * 2 + (sex === 'male' ? 1 : 0)
  const date = `${birth.year}${String(birth.month).padStart(2, '0')}${String(birth.day).padStart(2, '0')}`
  const first17 = `${division}${date}${String(sequence).padStart(3, '0')}`
  return first17 + idCheckDigit(first17)
}
