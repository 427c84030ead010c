import { readFile, stat } from 'node:fs/promises'
import { describeError, UsageError } from '@ankang/protocol'
import type { GrayFrame } from '../../framing/gray-frame.ts'
import { decodePgm, isPgm } from '../../framing/pgm.ts'
import { loadSharp } from './load-sharp.ts'

/** A photograph of a good telephone has 50 megapixels; more is no picture of a code. */
const MAX_INPUT_PIXELS = 64_000_000
const MAX_FILE_BYTES = 64_000_000
/** A larger picture is made smaller: a code that fills a tenth of it still has pixels to spare. */
const MAX_SIDE = 4096

/** The picture in a PNG, JPEG, WebP, PGM or other common image file, in gray. Throws UsageError `picture-unreadable`. */
export async function loadPicture(file: string): Promise<GrayFrame> {
  const bytes = await readBounded(file)
  if (!isPgm(bytes)) return loadWithSharp(file, bytes)
  const decoded = decodePgm(bytes, MAX_INPUT_PIXELS)
  if (!decoded.ok) throw unreadable(file, `as a PGM its fault is ${decoded.why}`)
  return decoded.frame
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size <= MAX_FILE_BYTES) return await readFile(file)
  } catch (error) {
    throw unreadable(file, describeError(error), error)
  }
  throw unreadable(file, `it has more than ${MAX_FILE_BYTES} bytes`)
}

async function loadWithSharp(file: string, bytes: Uint8Array): Promise<GrayFrame> {
  const sharp = await loadSharp()
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
      .grayscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, pixels: data }
  } catch (error) {
    throw unreadable(file, describeError(error), error)
  }
}

function unreadable(file: string, why: string, cause?: unknown): UsageError {
  return new UsageError(
    'picture-unreadable',
    `expected a picture (PNG, JPEG, PGM, …) in ${file}, but it cannot be read as one: ${why}; save it again or take another`,
    { cause },
  )
}
