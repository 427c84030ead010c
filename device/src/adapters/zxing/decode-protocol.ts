import type { DecodeEffort } from '../../framing/frame-decoder.ts'
import type { GrayFrame } from '../../framing/gray-frame.ts'

/** What crosses between the decoder and its thread. */
export interface DecodeRequest {
  readonly id: number
  readonly frame: GrayFrame
  readonly effort: DecodeEffort
}

export type DecodeReply =
  | { readonly id: number; readonly bytes: Uint8Array | null }
  | { readonly id: number; readonly failure: string }
