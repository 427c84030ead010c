import type { ReplayMark } from './checks/replay.ts'
import type { CborMap } from './codec/cbor.ts'
import type { Policy, PolicyEntries } from './policy.ts'
import type { Presentation } from './presentation.ts'
import type { Reason } from './reason.ts'

/** What a decision asks the box to do, as data. What a box cannot do it refuses at start, not at the door. */
export type Effect = {
  readonly kind: 'release'
  readonly output: string
  /** Bounded: a relay is never held longer than this. */
  readonly durationMs: number
}

export interface SceneContext {
  readonly policy: Policy
  /** Unix seconds. */
  readonly now: number
  /** What this device's side of the scene knows of here and now; its shape is the scene's own. Null where it knows nothing. */
  readonly situation: unknown
  /** Until when (Unix seconds) a mark of an earlier admission on this device holds; null where there is none. */
  readonly markedUntil: (tag: Uint8Array) => number | null
}

/** What display and voice say instead of the reason's own words: the fare, whose rate it was. Names no person. */
export type Notice = Pick<Reason, 'zh' | 'en' | 'hintZh' | 'hintEn' | 'voice'>

/** Row 22 and what follows from admission: everything but the reason is heeded only when it admits. */
export interface SceneDecision {
  readonly reason: string
  readonly effects: readonly Effect[]
  /** Field 11 of the record. Source: formats.md §5. */
  readonly sceneMap?: CborMap
  /** To be remembered with the record, beside the replay mark. */
  readonly marks?: readonly ReplayMark[]
  readonly notice?: Notice
}

/** A scene is one file a side: here a pure function from a verified presentation to a decision and its effects. */
export interface Scene {
  readonly name: string
  /** What the scene adds to the common policy. */
  readonly policyEntries: PolicyEntries
  readonly reasons: readonly Reason[]
  /** What the display asks for while nobody is there; absent: an Ankang code. */
  readonly invitation?: { readonly zh: string; readonly en: string }
  /** In which reason's words a refusal is said, where the shared one's do not suit. What is recorded stays what it was. */
  readonly saidAs?: (reason: string, presentation: Presentation, context: SceneContext) => string
  /** Whether its policy holds keys, so that the file must be its owner's alone. */
  readonly policyIsSecret?: boolean
  /** Whether an admission's record carries the whole code, sealed for the clearing house as scene map 1. */
  readonly keepsEvidence?: boolean
  decide(presentation: Presentation, context: SceneContext): SceneDecision
}
