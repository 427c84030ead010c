import { BugError } from './errors.ts'
import type { Outcome } from './outcome.ts'

/** A sign that stands beside the colour, so that colour is never the only signal. */
export type ReasonSymbol = 'tick' | 'cross' | 'stop' | 'clock' | 'person' | 'phone' | 'repeat' | 'question' | 'tool'

/** The colour of the message, not of the person: what the display and the page paint. */
export type SignalColour = 'green' | 'yellow' | 'red' | 'blue' | 'grey'

/**
 * Why a showing ended as it did, declared where it is given. The table of all reasons is the sum of the declarations.
 * `row` is the check's row in formats.md §1: it decides the order, and which reasons a policy may soften (17–22).
 */
export interface Reason {
  readonly id: string
  readonly row: number
  readonly outcome: Outcome
  readonly zh: string
  readonly en: string
  /** What the clerk or the person can do about it. */
  readonly hintZh: string
  readonly hintEn: string
  readonly symbol: ReasonSymbol
  readonly colour: SignalColour
  /** Prepared sound clip; several reasons may share one. */
  readonly voice: string
}

export type ReasonTable = ReadonlyMap<string, Reason>

/** The sum of declarations. The same reason declared twice is our mistake. */
export function collectReasons(...groups: readonly (readonly Reason[])[]): ReasonTable {
  const table = new Map<string, Reason>()
  for (const reason of groups.flat()) {
    if (table.has(reason.id)) throw new BugError('reason-declared-twice', `reason ${reason.id} is declared twice`)
    table.set(reason.id, reason)
  }
  return table
}

/** Whether a policy's `outcomes` may turn this reason into `deny` or `refer`. Source: formats.md §1. */
export function isSoftenable(reason: Reason): boolean {
  return reason.row >= 17 && reason.row <= 22
}
