import { open, rename, rm, writeFile } from 'node:fs/promises'
import { describeError, EnvironmentError } from '@ankang/protocol'
import type { Display, DisplayMessage } from '../../ports/display.ts'
import { NewestOnly } from '../../timing/newest-only.ts'
import { loadSharp } from './load-sharp.ts'
import { drawMessageCard } from './message-card.ts'
import { type PixelFormat, packPixels, tightStrideBytes } from './pack-pixels.ts'

export interface FramebufferTarget {
  /** A framebuffer device, or an ordinary file of its geometry. Written in place, never replaced. */
  readonly file: string
  readonly format: PixelFormat
  /** Default: no more than the pixels need. */
  readonly strideBytes?: number
}

export interface FileDisplayOptions {
  readonly width: number
  readonly height: number
  readonly framebuffer?: FramebufferTarget
  /** Picture of what is shown, replaced as a whole. */
  readonly png?: string
}

/** Draws messages into a framebuffer and, for people elsewhere, a PNG. */
export class FileDisplay implements Display {
  readonly #options: FileDisplayOptions
  readonly #drawing = new NewestOnly<DisplayMessage>(message => this.#draw(message))
  #packed: Uint8Array | undefined

  constructor(options: FileDisplayOptions) {
    this.#options = options
  }

  show(message: DisplayMessage): Promise<void> {
    return this.#drawing.submit(message)
  }

  close(): Promise<void> {
    return this.#drawing.settled()
  }

  async #draw(message: DisplayMessage): Promise<void> {
    const { width, height, framebuffer, png } = this.#options
    try {
      const sharp = await loadSharp()
      const card = Buffer.from(drawMessageCard(message, { width, height }))
      const rgb = await sharp(card).removeAlpha().raw().toBuffer()
      if (framebuffer !== undefined) await this.#writeFramebuffer(framebuffer, rgb)
      if (png !== undefined) {
        const picture = await sharp(rgb, { raw: { width, height, channels: 3 } })
          .png({ compressionLevel: 4 })
          .toBuffer()
        await replaceFile(png, picture)
      }
    } catch (error) {
      const where = [framebuffer?.file, png].filter(file => file !== undefined).join(', ')
      throw new EnvironmentError(
        'display-failed',
        `cannot draw on the display (${where}): ${describeError(error)}; check that its folder exists and its disk has room`,
        { cause: error, retryable: true },
      )
    }
  }

  async #writeFramebuffer({ file, format, strideBytes }: FramebufferTarget, rgb: Uint8Array): Promise<void> {
    const { width, height } = this.#options
    const geometry = { width, height, format, strideBytes: strideBytes ?? tightStrideBytes(width, format) }
    this.#packed = packPixels(rgb, geometry, this.#packed)
    const handle = await open(file, 'r+').catch(error => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return open(file, 'w')
      throw error
    })
    try {
      await handle.write(this.#packed, 0, this.#packed.length, 0)
    } finally {
      await handle.close()
    }
  }
}

async function replaceFile(file: string, content: Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.new`
  try {
    await writeFile(temporary, content)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
