/*
 * PGM, the plainest picture of grays there is: "P5" width height maximum, each after white space or a comment to the end
 * of its line, then one white space and a byte a pixel. Source: netpbm, pgm(5), the raw format with one byte a sample.
 */
import type { GrayFrame } from './gray-frame.ts'

export type DecodedPgm =
  | { readonly ok: true; readonly frame: GrayFrame }
  | { readonly ok: false; readonly why: 'not-pgm' | 'header-broken' | 'too-large' | 'pixels-missing' }

/** A header is three short numbers; a comment may be longer, but no picture needs this much of it. */
const MAX_HEADER_BYTES = 1024
const HEADER = /^P5(?:\s|#[^\n]*\n)+(\d{1,6})(?:\s|#[^\n]*\n)+(\d{1,6})(?:\s|#[^\n]*\n)+(\d{1,5})\s/

/** Whether a file begins as a raw PGM does. */
export function isPgm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x35
}

/** The first picture of a raw PGM file, its grays stretched to 0–255. */
export function decodePgm(bytes: Uint8Array, maxPixels: number): DecodedPgm {
  if (!isPgm(bytes)) return { ok: false, why: 'not-pgm' }
  const header = HEADER.exec(Buffer.from(bytes.subarray(0, MAX_HEADER_BYTES)).toString('latin1'))
  if (header === null) return { ok: false, why: 'header-broken' }
  const [width = 0, height = 0, maximum = 0] = header.slice(1).map(Number)
  if (width === 0 || height === 0 || maximum === 0 || maximum > 255) return { ok: false, why: 'header-broken' }
  if (width * height > maxPixels) return { ok: false, why: 'too-large' }
  const pixels = new Uint8Array(bytes.subarray(header[0].length, header[0].length + width * height))
  if (pixels.length < width * height) return { ok: false, why: 'pixels-missing' }
  if (maximum < 255)
    for (const [at, value] of pixels.entries()) pixels[at] = Math.min(255, Math.round((value * 255) / maximum))
  return { ok: true, frame: { width, height, pixels } }
}

/** Pixels that begin at a multiple of this are copied ten times faster than at an odd place. */
const PIXEL_ALIGNMENT = 16

/** What stands before the pixels of such a file, its spaces stretched until the pixels lie well in memory. */
export function pgmHeader(width: number, height: number): Uint8Array {
  const size = `P5 ${width} ${height} `
  const maximum = '255\n'
  const lengthBytes = Math.ceil((size.length + maximum.length) / PIXEL_ALIGNMENT) * PIXEL_ALIGNMENT
  return Buffer.from(size.padEnd(lengthBytes - maximum.length) + maximum, 'latin1')
}
