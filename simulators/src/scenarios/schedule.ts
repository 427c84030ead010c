import { BugError } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import type { Resident } from '../city/resident.ts'
import type { SeededDraw, Weighted } from '../city/seeded-draw.ts'
import type { Stage } from './scenario.ts'
import { Turns } from './turns.ts'

/** The entries of a table in an endless round, every one before any comes again, starting at place `from`. */
export function* everyKind<T>(table: readonly T[], from: number): Generator<T, never> {
  for (let place = from; ; place++) yield table[place % table.length] as T
}

/** The entries of a table as often as they come in everyday life. */
export function* everydayLife<T extends { readonly everyday: number }>(
  table: readonly T[],
  draw: SeededDraw,
): Generator<T, never> {
  const weighted = table.map(value => ({ value, weight: value.everyday }))
  for (;;) yield draw.pickWeighted(weighted as [Weighted<T>, ...Weighted<T>[]])
}

/** Makes stages on which nobody comes again before everyone of their kind has been. */
export function stageMaker(city: CityPlatform, site: string, draw: SeededDraw): (now: number) => Stage {
  const turns = new Turns<Resident>(() => draw.below(city.population))
  return now => ({
    city,
    site,
    now,
    person: (group, standing = 'green') =>
      turns.take(`${standing} ${group}`, from => {
        const resident = city.findResident(group, standing, from)
        if (resident !== null) return resident
        throw new BugError('nobody-of-this-kind', `no ${standing} ${group} among ${city.population}`)
      }),
  })
}
