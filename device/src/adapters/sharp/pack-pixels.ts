/*
 * How a framebuffer wants its pixels, little-endian.
 *
 *   rgb565    16 bits  rrrrrggg gggbbbbb
 *   xrgb8888  32 bits  in memory blue, green, red, 0
 *
 * A row takes `strideBytes`, which may be more than its pixels need; what is over stays 0.
 */
import { UsageError } from '@ankang/protocol'

export type PixelFormat = 'rgb565' | 'xrgb8888'

export interface FramebufferGeometry {
  readonly width: number
  readonly height: number
  readonly format: PixelFormat
  readonly strideBytes: number
}

const BYTES_PER_PIXEL: Readonly<Record<PixelFormat, number>> = { rgb565: 2, xrgb8888: 4 }

/** The stride where the kernel asks for no more than the pixels need. */
export function tightStrideBytes(width: number, format: PixelFormat): number {
  return width * BYTES_PER_PIXEL[format]
}

/** Packs width × height pixels of 3 bytes (red, green, blue) into `target`, which is made when it is not given. */
export function packPixels(
  rgb: Uint8Array,
  geometry: FramebufferGeometry,
  target: Uint8Array = new Uint8Array(geometry.strideBytes * geometry.height),
): Uint8Array {
  const { width, height, format, strideBytes } = geometry
  if (strideBytes < tightStrideBytes(width, format))
    throw new UsageError(
      'stride-too-small',
      `a row of ${width} ${format} pixels needs ${tightStrideBytes(width, format)} bytes, but the stride is ${strideBytes}; take it from the framebuffer`,
    )
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  let from = 0
  for (let row = 0; row < height; row++) {
    let to = row * strideBytes
    for (let column = 0; column < width; column++) {
      const red = rgb[from] ?? 0
      const green = rgb[from + 1] ?? 0
      const blue = rgb[from + 2] ?? 0
      from += 3
      if (format === 'rgb565') view.setUint16(to, ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3), true)
      else view.setUint32(to, (red << 16) | (green << 8) | blue, true)
      to += BYTES_PER_PIXEL[format]
    }
  }
  return target
}
