import sharp from 'sharp'
import { type QrMatrix, QUIET_ZONE_MODULES } from './qr-matrix.ts'

const DARK = 0
const LIGHT = 255

/** An 8-bit gray picture, row by row. */
export interface GrayPicture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** A QR symbol with its quiet zone, `modulePixels` pixels a module. */
export function qrPicture(matrix: QrMatrix, modulePixels: number): GrayPicture {
  const side = (matrix.size + 2 * QUIET_ZONE_MODULES) * modulePixels
  const pixels = new Uint8Array(side * side).fill(LIGHT)
  for (let y = 0; y < side; y++) {
    const row = Math.floor(y / modulePixels) - QUIET_ZONE_MODULES
    for (let x = 0; x < side; x++)
      if (matrix.isDark(row, Math.floor(x / modulePixels) - QUIET_ZONE_MODULES)) pixels[y * side + x] = DARK
  }
  return { width: side, height: side, pixels }
}

export function encodePng({ width, height, pixels }: GrayPicture): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}
