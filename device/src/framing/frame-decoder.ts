import type { GrayFrame } from './gray-frame.ts'

/** `quick` for every frame of a stream; `full` also finds rotated, inverted, very large and noisy codes, at twice the time. */
export type DecodeEffort = 'quick' | 'full'

/**
 * Finds one QR code in a picture.
 *
 * Contract: `decode` resolves with the code's bytes as they stand in it, or null where there is none. The frame is
 * borrowed until then: whoever gave it must not write into it. A decoder that breaks rejects with an EnvironmentError
 * and is new at the next `decode`. After `close` it decodes no more.
 */
export interface FrameDecoder {
  decode(frame: GrayFrame, effort: DecodeEffort): Promise<Uint8Array | null>
  close(): Promise<void>
}
