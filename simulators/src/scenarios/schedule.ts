import { BugError } from '@ankang/protocol'
import type { CityPlatform } from '../city/city-platform.ts'
import type { SeededDraw, Weighted } from '../city/seeded-draw.ts'
import type { Scenario, Stage } from './scenario.ts'
import { SCENARIOS } from './scenario-table.ts'

/** The scenarios in an endless round, every one before any comes again, starting at `share` (0 … 1) of the table. */
export function* everyKind(share: number): Generator<Scenario, never> {
  for (let place = Math.floor(SCENARIOS.length * share); ; place++)
    yield SCENARIOS[place % SCENARIOS.length] as Scenario
}

/** Scenarios as often as they come in everyday life. */
export function* everydayLife(draw: SeededDraw): Generator<Scenario, never> {
  const table = SCENARIOS.map(value => ({ value, weight: value.everyday }))
  for (;;) yield draw.pickWeighted(table as [Weighted<Scenario>, ...Weighted<Scenario>[]])
}

/** Makes stages on which nobody comes again before everyone of their kind has been. */
export function stageMaker(city: CityPlatform, site: string, draw: SeededDraw): (now: number) => Stage {
  const next = new Map<string, number>()
  return now => ({
    city,
    site,
    now,
    person: (group, standing = 'green') => {
      const kind = `${group}/${standing}`
      const resident = city.findResident(group, standing, next.get(kind) ?? draw.below(city.population))
      if (resident === null)
        throw new BugError('nobody-of-this-kind', `no ${standing} ${group} among ${city.population}`)
      next.set(kind, resident.index + 1)
      return resident
    },
  })
}
