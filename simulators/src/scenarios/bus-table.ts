import type { BusScenario } from './bus-scenario.ts'
import { GOOD_RIDES } from './good-rides.ts'
import { REFUSED_RIDES } from './refused-rides.ts'
import { KEY_RIDES, NIGHT, TUNNEL } from './ride-events.ts'

/** Every kind of passenger, good and bad, with what has to come of it and what it costs. */
export const BUS_SCENARIOS: readonly BusScenario[] = [TUNNEL, ...GOOD_RIDES, NIGHT, ...KEY_RIDES, ...REFUSED_RIDES]

/** Where two buses start their rounds of the table: even in a short run one meets a tunnel, and the other a night. */
export const BUS_STARTS = [TUNNEL, NIGHT].map(scenario => BUS_SCENARIOS.indexOf(scenario))
