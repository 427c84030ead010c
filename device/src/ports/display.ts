import type { Notice, Outcome, Reason, Scene } from '@ankang/protocol'

/** What the person in front of the box sees. The masked name stays in memory and on the glass. */
export type DisplayMessage =
  | { readonly kind: 'idle'; readonly invitation?: Scene['invitation'] }
  | { readonly kind: 'fault'; readonly zh: string; readonly en: string }
  /** Nobody is there, or nobody did it: the entry is closed; staff have opened it from afar. */
  | { readonly kind: 'notice'; readonly sign: 'closed' | 'opened'; readonly zh: string; readonly en: string }
  | {
      readonly kind: 'result'
      readonly reason: Reason
      readonly outcome: Outcome
      readonly maskedName: string | null
      /** What the scene says instead of the reason's words, such as the fare. */
      readonly notice: Notice | null
    }

/**
 * Contract: `show` resolves when the picture is out; while one is being drawn only the newest waits, and the `show`s it
 * overtook resolve with it. A display that fails rejects with an EnvironmentError and is tried again at the next `show`.
 */
export interface Display {
  show(message: DisplayMessage): Promise<void>
  close(): Promise<void>
}
