/** What a reader delivered: the bytes of the code, never trimmed (space is a base45 digit). */
export interface Presented {
  readonly bytes: Uint8Array
}

/** Longest code any family takes; a reader may drop the rest unread. */
export const MAX_PRESENTED_BYTES = 4096
