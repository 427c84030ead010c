import type { CborMap } from '../codec/cbor.ts'
import type { Colour } from '../colour.ts'
import { BugError } from '../errors.ts'
import type { Outcome } from '../outcome.ts'
import type { Policy } from '../policy.ts'
import type { Presentation, WeighedColour } from '../presentation.ts'
import { isSoftenable, type Reason, type ReasonTable } from '../reason.ts'
import type { Effect, Notice, Scene } from '../scene.ts'
import type { Trust } from '../trust/trust.ts'
import { weighColour } from './colour.ts'
import { type ReplayMark, replayMarks } from './replay.ts'

/** What the device knows of itself at the moment of deciding. */
export interface DeviceState {
  readonly trustAge: 'fresh' | 'ageing' | 'too-old'
  readonly clock: 'unknown' | 'holdover' | 'synced'
  readonly storageFull: boolean
  /** Nobody is let in until it is released; leaving never passes here. */
  readonly lockdown: boolean
}

export const HEALTHY: DeviceState = { trustAge: 'fresh', clock: 'synced', storageFull: false, lockdown: false }

export interface DecideContext {
  readonly trust: Trust
  readonly policy: Policy
  readonly reasons: ReasonTable
  /** Null: the technician's check, which knows no scene. */
  readonly scene: Scene | null
  readonly state: DeviceState
  /** Unix seconds. */
  readonly now: number
  /** What the device's side of the scene knows of here and now. */
  readonly situation: unknown
  /** Until when (Unix seconds) a mark with this tag holds on this device; null where there is none. */
  readonly markedUntil: (tag: Uint8Array) => number | null
}

export interface Decision {
  readonly outcome: Outcome
  readonly reason: string
  /** Null where the family has no colour, or the check failed before a colour was weighed. */
  readonly colour: Colour | null
  readonly statusAsOf: number | null
  /** To be written with the record; empty where nothing was accepted. */
  readonly marks: readonly ReplayMark[]
  readonly effects: readonly Effect[]
  /** What the scene records of an admission; null where it records nothing. */
  readonly sceneMap: CborMap | null
  readonly notice: Notice | null
}

interface Weighing {
  readonly presentation: Presentation
  /** Null: the family has no colour, rows 18 to 20 are skipped. */
  readonly colour: WeighedColour | null
  readonly marks: readonly ReplayMark[]
  readonly context: DecideContext
}

type Check = (weighing: Weighing) => string | null

/** Row 16. */
const replay: Check = ({ presentation, marks, context: { now, policy, markedUntil } }) => {
  // Paper is held up for a while only: a mark from far ahead was made by a clock that was wrong.
  const latest = presentation.carrier === 'paper' ? now + 2 * policy.replaySeconds : Number.POSITIVE_INFINITY
  const isMarked = ({ tag }: ReplayMark) => {
    const until = markedUntil(tag)
    return until !== null && until > now && until <= latest
  }
  return marks.some(isMarked) ? 'replayed' : null
}

/** Row 17. */
const acceptance: Check = ({ presentation, context: { policy } }) => {
  if (!policy.families.includes(presentation.family)) return 'family-not-accepted'
  if (!policy.kinds.includes(presentation.kind)) return 'kind-not-accepted'
  return presentation.carrier === 'paper' && !policy.paper ? 'paper-not-accepted' : null
}

/** Row 18. A code without an index counts as one whose list is missing. */
const status: Check = ({ colour, context: { policy, now } }) => {
  if (colour === null) return null
  if (colour.revoked) return 'revoked'
  if (policy.maxStatusAgeSeconds === null) return null
  return colour.listAsOf === null || now - colour.listAsOf > policy.maxStatusAgeSeconds ? 'status-stale' : null
}

/** Row 19. */
const colourAllowed: Check = ({ colour, context: { policy } }) =>
  colour === null || policy.colours.includes(colour.colour) ? null : `colour-${colour.colour}`

/** Row 20. A sample dated in the future proves nothing. */
const nucleicAcidTest: Check = ({ presentation, context: { policy, now } }) => {
  const wanted = policy.facts?.nat
  if (wanted === undefined || presentation.health === null) return null
  const nat = presentation.health.nat
  if (nat === null || nat.sampledAt > now + policy.futureSkewSeconds) return 'nat-missing'
  if (nat.positive) return 'nat-positive'
  return now - nat.sampledAt > wanted.withinHours * 3600 ? 'nat-expired' : null
}

/** Row 21. */
const deviceFit: Check = ({ context: { state, policy } }) => {
  if (state.trustAge === 'too-old' && policy.onStale !== undefined && policy.onStale !== 'signature-alone')
    return 'trust-stale'
  if (state.clock === 'unknown' && policy.clock !== undefined) return 'clock-untrusted'
  if (state.storageFull) return 'storage-full'
  return state.lockdown ? 'lockdown' : null
}

/** Rows 16 to 21, in order; row 22 is the scene's. */
const CHECKS: readonly Check[] = [replay, acceptance, status, colourAllowed, nucleicAcidTest, deviceFit]

function outcomeOf(reason: Reason, policy: Policy): Outcome {
  if (reason.id === 'trust-stale' && policy.onStale === 'refer') return 'refer'
  if (reason.id === 'clock-untrusted' && policy.clock === 'refer') return 'refer'
  return (isSoftenable(reason) ? policy.outcomes[reason.id] : undefined) ?? reason.outcome
}

function reasonOf(id: string, reasons: ReasonTable): Reason {
  const reason = reasons.get(id)
  if (reason === undefined) throw new BugError('reason-undeclared', `reason ${id} was given but never declared`)
  return reason
}

/** The decision on a showing that recognition or verification refused. */
export function refusal(reasonId: string, reasons: ReasonTable): Decision {
  return {
    outcome: reasonOf(reasonId, reasons).outcome,
    reason: reasonId,
    colour: null,
    statusAsOf: null,
    marks: [],
    effects: [],
    sceneMap: null,
    notice: null,
  }
}

function firstFailure(weighing: Weighing): string | null {
  for (const check of CHECKS) {
    const failed = check(weighing)
    if (failed !== null) return failed
  }
  return null
}

/** The words of another reason, where the scene says a refusal otherwise. */
function rewording(said: string | undefined, given: string, reasons: ReasonTable): Notice | null {
  return said === undefined || said === given ? null : reasonOf(said, reasons)
}

/** Rows 16 to 23: may this verified showing pass, here and now? The first check that fails names the reason. */
export function decide(presentation: Presentation, context: DecideContext): Decision {
  const { trust, policy, scene, now, reasons, situation, markedUntil } = context
  const colour = presentation.health === null ? null : weighColour(presentation, trust, policy, now)
  const marks = replayMarks(presentation, policy, now)
  const failed = firstFailure({ presentation, colour, marks, context })
  const around = { policy, now, situation, markedUntil }
  const own = failed === null ? scene?.decide(presentation, around) : undefined
  const reason = reasonOf(failed ?? own?.reason ?? 'ok', reasons)
  const outcome = outcomeOf(reason, policy)
  const admitted = outcome === 'admit' ? own : undefined
  return {
    outcome,
    reason: reason.id,
    colour: colour?.colour ?? null,
    statusAsOf: colour?.listAsOf ?? null,
    marks: outcome === 'deny' ? [] : [...marks, ...(admitted?.marks ?? [])],
    effects: admitted?.effects ?? [],
    sceneMap: admitted?.sceneMap ?? null,
    notice: admitted?.notice ?? rewording(scene?.saidAs?.(reason.id, presentation, around), reason.id, reasons),
  }
}
