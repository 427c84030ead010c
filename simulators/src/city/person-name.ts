import type { Sex } from './id-number.ts'
import {
  ENTERPRISE_CHARACTERS,
  ENTERPRISE_TRADES,
  GIVEN_CHARACTERS,
  SINGLE_GIVEN_NAME_IN,
  SURNAMES,
} from './name-tables.ts'
import type { SeededDraw } from './seeded-draw.ts'

/** A plausible name: surname by its frequency, then one or two characters. */
export function drawPersonName(draw: SeededDraw, sex: Sex): string {
  const surname = draw.pickWeighted(SURNAMES)
  const first = draw.pick(GIVEN_CHARACTERS[sex])
  const second = draw.below(SINGLE_GIVEN_NAME_IN) === 0 ? '' : draw.pick(GIVEN_CHARACTERS[sex])
  return surname + first + second
}

export function drawEnterpriseName(draw: SeededDraw): string {
  const words = draw.pick(ENTERPRISE_CHARACTERS) + draw.pick(ENTERPRISE_CHARACTERS)
  return `舒城${words}${draw.pick(ENTERPRISE_TRADES)}有限公司`
}

/** The name as codes carry it: first and last character stay (张*三), of two characters only the first (张*). */
export function maskName(name: string): string {
  const characters = [...name]
  const first = characters[0] ?? ''
  if (characters.length <= 2) return `${first}*`
  return first + '*'.repeat(characters.length - 2) + (characters.at(-1) ?? '')
}
