import { EnvironmentError, type Outcome } from '@ankang/protocol'
import type { ShowingEvent } from '../virtual/virtual-device.ts'
import type { Showing } from './scenario.ts'

/** A showing and what the device made of it. */
export interface ShownShowing {
  readonly showing: Showing
  readonly event: ShowingEvent
}

export function cameAsExpected({ showing, event }: ShownShowing): boolean {
  return event.outcome === showing.expected.outcome && event.reason === showing.expected.reason
}

/** One line on a showing that came out otherwise. */
export function describeSurprise(device: string, { showing, event }: ShownShowing): string {
  const { outcome, reason } = showing.expected
  return `${device}, record ${event.seq}: ${showing.scenario} should ${outcome} (${reason}), did ${event.outcome} (${event.reason})`
}

export function countOutcome(shown: readonly ShownShowing[], outcome: Outcome): number {
  return shown.filter(({ event }) => event.outcome === outcome).length
}

/** The newest record of these showings; 0 where none has one. */
export function lastRecord(shown: readonly ShownShowing[]): number {
  return shown.reduce((last, { event }) => Math.max(last, event.seq ?? 0), 0)
}

/** Throws `interrupted` once nobody wants to go on. */
export function goOn(signal: AbortSignal): void {
  if (signal.aborted) throw new EnvironmentError('interrupted', '已中断 · interrupted', { retryable: false })
}
