import { statusAt } from '../codec/status-list.ts'
import { type Colour, colourFromNumber } from '../colour.ts'
import type { Policy } from '../policy.ts'
import type { Presentation, WeighedColour } from '../presentation.ts'
import type { Trust } from '../trust/trust.ts'

const COLOUR_OF_STATUS: readonly Colour[] = ['green', 'unknown', 'red', 'yellow']
const REVOKED = 1
/** The worse of two colours of equal age wins. */
const SEVERITY: readonly Colour[] = ['green', 'yellow', 'red']

interface Evidence {
  readonly colour: Colour
  readonly asOf: number
}

function stampEvidence(presentation: Presentation, policy: Policy, now: number): Evidence | null {
  const stamp = presentation.health?.stamp ?? null
  if (stamp === null || stamp.colour < 1 || stamp.colour > 3) return null
  if (stamp.asOf > now + policy.futureSkewSeconds) return null
  if (policy.maxStampAgeSeconds !== undefined && now - stamp.asOf > policy.maxStampAgeSeconds) return null
  return { colour: colourFromNumber(stamp.colour), asOf: stamp.asOf }
}

function stronger(a: Evidence, b: Evidence): Evidence {
  if (a.asOf !== b.asOf) return a.asOf > b.asOf ? a : b
  return SEVERITY.indexOf(a.colour) >= SEVERITY.indexOf(b.colour) ? a : b
}

/** Weighs the stamp against the status list. Revoked always wins. Source: formats.md §1, "Evidence of colour". */
export function weighColour(presentation: Presentation, trust: Trust, policy: Policy, now: number): WeighedColour {
  const index = presentation.health?.status ?? null
  const list = index === null ? null : trust.statusList(index.list, presentation.issuer)
  const value = index === null || list === null ? null : statusAt(list.entries, index.index)
  const listAsOf = list?.asOf ?? null
  const stamp = stampEvidence(presentation, policy, now)
  if (value === REVOKED) return { colour: stamp?.colour ?? 'unknown', revoked: true, listAsOf }
  const listed =
    value === null || list === null ? null : { colour: COLOUR_OF_STATUS[value] ?? 'unknown', asOf: list.asOf }
  const evidence = stamp !== null && listed !== null ? stronger(stamp, listed) : (stamp ?? listed)
  return { colour: evidence?.colour ?? 'unknown', revoked: false, listAsOf }
}
