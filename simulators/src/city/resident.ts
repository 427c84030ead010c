import type { Kind } from '@ankang/protocol'
import { drawBirthDate, drawIdNumber, type Sex } from './id-number.ts'
import { drawEnterpriseName, drawPersonName, maskName } from './person-name.ts'
import {
  BIRTH_YEARS,
  GROUP_SHARES,
  PLACES,
  type ResidentGroup,
  STANDING_SHARES,
  type Standing,
} from './resident-shares.ts'
import { SeededDraw } from './seeded-draw.ts'

/** A synthetic resident. Derived whenever needed and stored nowhere: nobody's name is on any disk. */
export interface Resident {
  readonly index: number
  readonly group: ResidentGroup
  readonly standing: Standing
  readonly kind: Kind
  /** Division code of the place that issues the code. */
  readonly issuer: string
  readonly idNumber: string
  readonly sex: Sex
  /** Of an enterprise: its own, which is public. */
  readonly name: string
  readonly maskedName: string
}

const ISSUER_OF_GROUP: Partial<Record<ResidentGroup, string>> = {
  visitor: PLACES.neighbour,
  stranger: PLACES.elsewhere,
}
const KIND_OF_GROUP: Partial<Record<ResidentGroup, Kind>> = { companion: 'companion', enterprise: 'enterprise' }

/** The resident with this number: always the same for one seed. */
export function residentAt(seed: Uint8Array, index: number): Resident {
  const draw = new SeededDraw(seed, `resident/${index}`)
  const group = draw.pickWeighted(GROUP_SHARES)
  const standing = draw.pickWeighted(STANDING_SHARES)
  const sex: Sex = draw.below(2) === 0 ? 'male' : 'female'
  const issuer = ISSUER_OF_GROUP[group] ?? PLACES.county
  const [fromYear, throughYear] = BIRTH_YEARS[group]
  const birth = drawBirthDate(draw, fromYear, throughYear)
  const idNumber = drawIdNumber(draw, issuer, birth, sex)
  const name = group === 'enterprise' ? drawEnterpriseName(draw) : drawPersonName(draw, sex)
  const maskedName = group === 'enterprise' ? name : maskName(name)
  return { index, group, standing, kind: KIND_OF_GROUP[group] ?? 'person', issuer, idNumber, sex, name, maskedName }
}
