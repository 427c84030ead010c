/*
 * What a ride costs, as policy data. Amounts are whole fen; rounding is in the passenger's favour.
 */
import * as v from 'valibot'
import { equalBytes, utf8 } from '../codec/bytes.ts'
import { ACCOUNT_TYPES, type Presentation } from '../presentation.ts'
import { KINDS } from '../trust/trust-file.ts'
import type { BusPosition } from './bus-ride.ts'

/** Ten thousand yuan: no bus ride costs that, so that a slip of the pen in a policy does not pass. */
const MAX_FEN = 1_000_000
export const fen = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_FEN))
const words = v.pipe(v.string(), v.minLength(1), v.maxLength(20))
/** What is already said by that name would be said by the wrong clip, or summed with the full fare. */
const TAKEN_NAMES = ['ordinary', 'repeated']
const fareClassName = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z-]{0,19}$/, 'expected a-z and -'),
  v.check(name => !TAKEN_NAMES.includes(name), `expected another name than ${TAKEN_NAMES.join(' and ')}`),
)

const flat = v.strictObject({ kind: v.literal('flat'), fen })

/** A passenger pays on boarding for all zones up to the end of the run: nothing has to be shown again on alighting. */
const zones = v.pipe(
  v.strictObject({
    kind: v.literal('zones'),
    /** Zone of each stop in direction `up`, first to last; `down` runs through it backwards. */
    zoneOfStop: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(1))), v.minLength(2)),
    /** Fare for 1, 2, … zones. */
    fenByZones: v.pipe(v.array(fen), v.minLength(1)),
  }),
  v.check(
    ({ zoneOfStop }) => zoneOfStop.every((zone, at) => at === 0 || [0, 1].includes(zone - (zoneOfStop[at - 1] ?? 0))),
    'zoneOfStop: expected zones that stay or rise by one from stop to stop',
  ),
  v.check(
    ({ zoneOfStop, fenByZones }) => fenByZones.length >= (zoneOfStop.at(-1) ?? 0) - (zoneOfStop[0] ?? 0) + 1,
    'fenByZones: expected a fare for every number of zones there is',
  ),
)

export const fareSchema = v.union([flat, zones])
type Fare = v.InferOutput<typeof fareSchema>

/** Who pays less. What is left out does not restrict; of several that fit the cheapest is taken. */
export const concessionSchema = v.pipe(
  v.strictObject({
    name: fareClassName,
    zh: words,
    en: words,
    /** Share of the full fare that is left to pay. */
    percent: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
    accountTypes: v.optional(v.array(v.picklist(ACCOUNT_TYPES))),
    kinds: v.optional(v.array(v.picklist(KINDS))),
    /** Rights that the code's issuer has signed for this operator; one of them is enough. */
    rights: v.optional(v.array(v.pipe(v.string(), v.minLength(1)))),
  }),
  v.check(
    ({ accountTypes, kinds, rights }) => accountTypes !== undefined || kinds !== undefined || rights !== undefined,
    'expected accountTypes, kinds or rights: a rate for everybody is the fare itself',
  ),
)
export type Concession = v.InferOutput<typeof concessionSchema>

/** Zones from boarding to the end of the run; null where the stop is none of this line's. */
function zonesToTheEnd(zoneOfStop: readonly number[], { direction, stop }: BusPosition): number | null {
  const run = direction === 'up' ? zoneOfStop : zoneOfStop.toReversed()
  const from = run[stop - 1]
  const to = run.at(-1)
  return from === undefined || to === undefined ? null : Math.abs(to - from) + 1
}

/** The full fare in fen; null where it depends on a place that is not known. */
export function fullFare(fare: Fare, position: BusPosition | null): number | null {
  if (fare.kind === 'flat') return fare.fen
  const count = position === null ? null : zonesToTheEnd(fare.zoneOfStop, position)
  return count === null ? null : (fare.fenByZones[count - 1] ?? null)
}

function fits(concession: Concession, presentation: Presentation, operator: Uint8Array, now: number): boolean {
  const { accountTypes, kinds, rights } = concession
  if (
    accountTypes !== undefined &&
    (presentation.account === null || !accountTypes.includes(presentation.account.type))
  )
    return false
  if (kinds !== undefined && !kinds.includes(presentation.kind)) return false
  return (
    rights === undefined ||
    presentation.entitlements.some(
      ({ scope, right, from, until }) =>
        rights.includes(right) && from <= now && now < until && equalBytes(scope, operator),
    )
  )
}

/** The cheapest concession this code may claim here and now; null where it pays the full fare. */
export function concessionFor(
  presentation: Presentation,
  concessions: readonly Concession[],
  operator: string,
  now: number,
): Concession | null {
  const fitting = concessions.filter(concession => fits(concession, presentation, utf8(operator), now))
  return fitting.reduce<Concession | null>(
    (best, concession) => (best === null || concession.percent < best.percent ? concession : best),
    null,
  )
}

export function reducedFare(fullFen: number, concession: Concession | null): number {
  return concession === null ? fullFen : Math.floor((fullFen * concession.percent) / 100)
}

/** An amount of fen in yuan, two decimals. Exact for every safe integer. */
export function yuanText(amountFen: number): string {
  return `${Math.floor(amountFen / 100)}.${String(amountFen % 100).padStart(2, '0')}`
}
