/** One picture, a byte a pixel (0 black, 255 white), row by row without padding. */
export interface GrayFrame {
  readonly width: number
  readonly height: number
  /** Exactly width × height bytes. In shared memory it crosses to another thread without a copy. */
  readonly pixels: Uint8Array
}
