import type { DecodeEffort } from '../../framing/frame-decoder.ts'

/** What crosses between the decoder and its thread. */
export interface DecodeRequest {
  readonly id: number
  /** The frame as a PGM file; in shared memory it is not copied. */
  readonly pgm: Uint8Array
  readonly effort: DecodeEffort
}

export type DecodeReply =
  | { readonly id: number; readonly bytes: Uint8Array | null }
  | { readonly id: number; readonly failure: string }
