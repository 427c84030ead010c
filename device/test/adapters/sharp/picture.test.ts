import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadSharp } from '../../../src/adapters/sharp/load-sharp.ts'
import { loadPicture } from '../../../src/adapters/sharp/picture.ts'

async function fileWith(content: Uint8Array | string, name = 'picture'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ankang-picture-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

/** Two pixels: black and white, the black one see-through where alpha is 0. */
async function twoPixels(format: 'png' | 'jpeg', alpha = 255): Promise<Buffer> {
  const sharp = await loadSharp()
  const pixels = Uint8Array.of(0, 0, 0, alpha, 255, 255, 255, 255)
  return sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } })
    .resize(64, 32, { kernel: 'nearest' })
    .toFormat(format)
    .toBuffer()
}

describe('a picture file', () => {
  it.each(['png', 'jpeg'] as const)('is loaded from %s as gray', async format => {
    const frame = await loadPicture(await fileWith(await twoPixels(format)))
    expect({ ...frame, pixels: frame.pixels.length }).toEqual({ width: 64, height: 32, pixels: 64 * 32 })
    expect(frame.pixels[0]).toBeLessThan(5)
    expect(frame.pixels[63]).toBeGreaterThan(250)
  })

  it('is loaded from PGM as it is', async () => {
    const frame = await loadPicture(await fileWith(Buffer.concat([Buffer.from('P5 2 1 255\n'), Buffer.of(7, 9)])))
    expect(frame).toEqual({ width: 2, height: 1, pixels: Uint8Array.of(7, 9) })
  })

  it('stands on white where it is transparent', async () => {
    const { pixels } = await loadPicture(await fileWith(await twoPixels('png', 0)))
    expect(pixels[0]).toBeGreaterThan(250)
  })

  it('is made smaller where it is very large', async () => {
    const sharp = await loadSharp()
    const large = sharp({ create: { width: 6000, height: 3000, channels: 3, background: '#808080' } })
    const { width, height } = await loadPicture(await fileWith(await large.png().toBuffer()))
    expect({ width, height }).toEqual({ width: 4096, height: 2048 })
  })

  it.each([
    ['no picture at all', 'hello'],
    ['an empty file', ''],
    ['a broken PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['a broken PGM', 'P5 2 2 255\nx'],
    [
      'a picture of a thousand million pixels',
      '<svg xmlns="http://www.w3.org/2000/svg" width="32000" height="32000"/>',
    ],
  ])('that is %s is refused with what to do', async (_what, content) => {
    const file = await fileWith(content)
    await expect(loadPicture(file)).rejects.toMatchObject({
      family: 'usage',
      code: 'picture-unreadable',
      message: expect.stringMatching(/expected a picture .* in \/.*; save it again/),
    })
  })

  it('that is missing is refused in the same way', async () => {
    await expect(loadPicture('/nowhere/code.png')).rejects.toMatchObject({ code: 'picture-unreadable' })
  })
})
