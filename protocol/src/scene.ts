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
}

/** Row 22 and what follows from admission. */
export interface SceneDecision {
  readonly reason: string
  readonly effects: readonly Effect[]
}

/** A scene is one file a side: here a pure function from a verified presentation to a decision and its effects. */
export interface Scene {
  readonly name: string
  /** What the scene adds to the common policy. */
  readonly policyEntries: PolicyEntries
  readonly reasons: readonly Reason[]
  decide(presentation: Presentation, context: SceneContext): SceneDecision
}
