import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodePicture } from '../../../src/adapters/sharp/decode-picture.ts'
import { loadPicture } from '../../../src/adapters/sharp/picture.ts'
import { WorkerDecoder } from '../../../src/adapters/zxing/worker-decoder.ts'
import type { GrayFrame } from '../../../src/framing/gray-frame.ts'

interface Picture {
  readonly file: string
  readonly case: string
}

const vectors = fileURLToPath(new URL('../../../../protocol/vectors/', import.meta.url))
const { cases } = JSON.parse(readFileSync(`${vectors}cases.json`, 'utf8')) as {
  cases: { name: string; text?: string; hex?: string }[]
}
const textOf = new Map(
  cases.map(({ name, text, hex }) => [name, text ?? Buffer.from(hex ?? '', 'hex').toString('latin1')]),
)
const pictures = ['images', 'frames'].flatMap(folder =>
  (JSON.parse(readFileSync(`${vectors}${folder}/index.json`, 'utf8')) as Picture[]).map(picture => ({
    file: `${folder}/${picture.file}`,
    text: textOf.get(picture.case),
  })),
)

const blank: GrayFrame = { width: 640, height: 480, pixels: new Uint8Array(640 * 480).fill(200) }

function decoder(): WorkerDecoder {
  const made = new WorkerDecoder()
  onTestFinished(() => made.close())
  return made
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('latin1')
}

/** The frame in memory that both threads see. */
function shared(frame: GrayFrame): GrayFrame {
  const pixels = new Uint8Array(new SharedArrayBuffer(frame.pixels.length))
  pixels.set(frame.pixels)
  return { ...frame, pixels }
}

/** With black and white exchanged: what only the full effort finds. */
function inverted(frame: GrayFrame): GrayFrame {
  return { ...frame, pixels: frame.pixels.map(value => 255 - value) }
}

describe('our own pictures', () => {
  it('are all there', () => {
    expect(pictures).toHaveLength(24)
    expect(pictures.every(picture => picture.text !== undefined && picture.text.length > 100)).toBe(true)
  })

  it.each(pictures)('$file is read as the code that was drawn', async ({ file, text: expected }) => {
    expect(text(await decodePicture(file, vectors))).toBe(expected)
  })
})

describe('the decoder’s thread', () => {
  it('reads camera frames with quick effort, in order', async () => {
    const thread = decoder()
    const frames = pictures.filter(({ file }) => file.startsWith('frames/'))
    const loaded = await Promise.all(frames.map(({ file }) => loadPicture(`${vectors}${file}`)))
    const codes = await Promise.all(loaded.map(frame => thread.decode(frame, 'quick')))
    expect(codes.map(text)).toEqual(frames.map(frame => frame.text))
  })

  it('finds nothing in a frame without a code', async () => {
    const thread = decoder()
    expect(await thread.decode(blank, 'quick')).toBeNull()
    expect(await thread.decode(blank, 'full')).toBeNull()
  })

  it('finds an inverted code with full effort', async () => {
    const thread = decoder()
    const frame = inverted(await loadPicture(`${vectors}images/00.png`))
    expect(await thread.decode(frame, 'quick')).toBeNull()
    expect(text(await thread.decode(frame, 'full'))).toBe(pictures[0]?.text)
  })

  it('borrows a frame and gives it back whole, shared or not', async () => {
    const thread = decoder()
    const frame = await loadPicture(`${vectors}frames/00.jpg`)
    const before = Buffer.from(frame.pixels)
    for (const lent of [frame, shared(frame), frame]) {
      expect(await thread.decode(lent, 'quick')).not.toBeNull()
      expect(before.equals(lent.pixels)).toBe(true)
    }
  })

  it('takes frames of changing sizes', async () => {
    const thread = decoder()
    const small = await loadPicture(`${vectors}images/00.png`)
    const large = await loadPicture(`${vectors}frames/00.jpg`)
    for (const frame of [small, large, small, large]) expect(await thread.decode(frame, 'quick')).not.toBeNull()
  })

  it('refuses a frame whose pixels do not fill it', async () => {
    const frame = { ...blank, pixels: new Uint8Array(7) }
    await expect(decoder().decode(frame, 'quick')).rejects.toMatchObject({ code: 'frame-size', family: 'bug' })
  })

  it('answers what is still open when it is closed, and decodes no more', async () => {
    const thread = new WorkerDecoder()
    const open = expect(thread.decode(blank, 'full')).rejects.toMatchObject({ code: 'decoder-failed', retryable: true })
    await thread.close()
    await open
    await expect(thread.decode(blank, 'quick')).rejects.toMatchObject({ code: 'decoder-failed' })
    await thread.close()
  })
})
