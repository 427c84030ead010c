import { pgmHeader } from './pgm.ts'

/** One picture, a byte a pixel (0 black, 255 white), row by row without padding. */
export interface GrayFrame {
  readonly width: number
  readonly height: number
  /** Exactly width × height bytes. */
  readonly pixels: Uint8Array
  /** The same pixels where they lie behind their PGM header: so they go into the decoder without being copied together. */
  readonly pgm?: Uint8Array
}

/** A frame to be filled: in shared memory, so that it crosses to another thread as it lies, and behind its header. */
export interface SharedFrame extends GrayFrame {
  readonly pgm: Uint8Array
}

/** A black frame of this size. */
export function makeSharedFrame(width: number, height: number): SharedFrame {
  const header = pgmHeader(width, height)
  const pgm = new Uint8Array(new SharedArrayBuffer(header.length + width * height))
  pgm.set(header)
  return { width, height, pgm, pixels: pgm.subarray(header.length) }
}

/** The frame as a PGM file: as it lies where it can be, else copied together. */
export function toPgm({ width, height, pixels, pgm }: GrayFrame): Uint8Array {
  return pgm ?? Buffer.concat([pgmHeader(width, height), pixels])
}
