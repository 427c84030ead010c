import { describeError, UsageError } from '@ankang/protocol'
import type { GrayFrame } from '../../framing/gray-frame.ts'
import { loadSharp } from './load-sharp.ts'

/** A photograph of a good telephone has 50 megapixels; more is no picture of a code. */
const MAX_INPUT_PIXELS = 64_000_000
/** Above this a picture is made smaller: a code that fills a tenth of it still has pixels to spare. */
const MAX_SIDE = 4096

/** The picture in a PNG, JPEG, PGM or other common image file, in gray. Throws UsageError `picture-unreadable`. */
export async function loadPicture(file: string): Promise<GrayFrame> {
  const sharp = await loadSharp()
  try {
    const { data, info } = await sharp(file, { limitInputPixels: MAX_INPUT_PIXELS, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
      .grayscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, pixels: data }
  } catch (error) {
    throw new UsageError(
      'picture-unreadable',
      `expected a picture (PNG, JPEG, PGM, …) in ${file}, but it cannot be read as one: ${describeError(error)}; save it again or take another`,
      { cause: error },
    )
  }
}
