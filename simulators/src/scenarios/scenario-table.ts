import { FORGED_SCENARIOS } from './forged-scenarios.ts'
import { GOOD_SCENARIOS } from './good-scenarios.ts'
import { REFUSED_SCENARIOS } from './refused-scenarios.ts'
import type { Scenario, Showing, Stage } from './scenario.ts'

/** Every kind of presentation, good and bad, with what has to come of it. */
export const SCENARIOS: readonly Scenario[] = [...GOOD_SCENARIOS, ...REFUSED_SCENARIOS, ...FORGED_SCENARIOS]

/** The showings of a scenario on `stage`, in order, to one device. */
export function stageScenario(scenario: Scenario, stage: Stage): Showing[] {
  const codes = scenario.codes(stage)
  return codes.map((code, place) => ({
    scenario: scenario.id,
    code,
    expected: place === codes.length - 1 ? scenario.expected : { outcome: 'admit', reason: 'ok' },
  }))
}
