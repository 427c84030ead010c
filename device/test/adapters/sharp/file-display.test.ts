import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileDisplay, type FileDisplayOptions } from '../../../src/adapters/sharp/file-display.ts'
import { loadSharp } from '../../../src/adapters/sharp/load-sharp.ts'
import { packPixels } from '../../../src/adapters/sharp/pack-pixels.ts'
import { displayContract } from '../../contracts/display-contract.ts'

const WIDTH = 480
const HEIGHT = 272

async function bench(options: (folder: string) => Partial<FileDisplayOptions>) {
  const parent = await mkdtemp(join(tmpdir(), 'ankang-display-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = join(parent, 'glass')
  await mkdir(folder)
  const display = new FileDisplay({ width: WIDTH, height: HEIGHT, ...options(folder) })
  onTestFinished(() => display.close())
  return { display, folder, away: join(parent, 'away') }
}

async function contentOf(file: string): Promise<string | null> {
  const bytes = await readFile(file).catch(() => null)
  return bytes?.toString('base64') ?? null
}

for (const [what, file, options] of [
  ['the PNG display', 'display.png', (folder: string) => ({ png: join(folder, 'display.png') })],
  [
    'the framebuffer display',
    'display.fb',
    (folder: string) => ({ framebuffer: { file: join(folder, 'display.fb'), format: 'rgb565' } }) as const,
  ],
] as const)
  displayContract(what, async () => {
    const { display, folder, away } = await bench(options)
    return {
      display,
      glass: () => contentOf(join(folder, file)),
      breakHardware: () => rename(folder, away),
      repairHardware: () => rename(away, folder),
    }
  })

describe('a file display', () => {
  it.each(['rgb565', 'xrgb8888'] as const)(
    'shows the same picture in its PNG and its framebuffer (%s), whatever the stride',
    async format => {
      const strideBytes = WIDTH * 4 + 64
      const { display, folder } = await bench(at => ({
        png: join(at, 'display.png'),
        framebuffer: { file: join(at, 'display.fb'), format, strideBytes },
      }))
      await display.show({ kind: 'idle' })
      const sharp = await loadSharp()
      const { data, info } = await sharp(join(folder, 'display.png')).raw().toBuffer({ resolveWithObject: true })
      expect(info).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 3 })
      const expected = packPixels(data, { width: WIDTH, height: HEIGHT, format, strideBytes })
      expect(Buffer.compare(await readFile(join(folder, 'display.fb')), expected)).toBe(0)
    },
  )

  it('writes the framebuffer in place, for it is a device', async () => {
    const { display, folder } = await bench(at => ({ framebuffer: { file: join(at, 'display.fb'), format: 'rgb565' } }))
    await display.show({ kind: 'idle' })
    const before = await stat(join(folder, 'display.fb'))
    await display.show({ kind: 'fault', zh: '故障', en: 'Fault' })
    const after = await stat(join(folder, 'display.fb'))
    expect({ file: after.ino, size: after.size }).toEqual({ file: before.ino, size: WIDTH * HEIGHT * 2 })
  })

  it('replaces the PNG as a whole: who reads it meanwhile sees the old one or the new one', async () => {
    const { display, folder } = await bench(at => ({ png: join(at, 'display.png') }))
    const sharp = await loadSharp()
    await display.show({ kind: 'idle' })
    let isDone = false
    const shows = (async () => {
      for (const reason of catalogue.reasons.values())
        await display.show({ kind: 'result', reason, outcome: reason.outcome, maskedName: null, notice: null })
      isDone = true
    })()
    let reads = 0
    for (; !isDone; reads++) {
      const seen = await readFile(join(folder, 'display.png'))
      expect((await sharp(seen).raw().toBuffer()).length).toBe(WIDTH * HEIGHT * 3)
    }
    await shows
    expect(reads).toBeGreaterThan(3)
    expect(await readdir(folder)).toEqual(['display.png'])
  })

  it('leaves no half-written file where it fails', async () => {
    const { display, folder } = await bench(at => ({ png: join(at, 'display.png') }))
    await mkdir(join(folder, 'display.png'))
    await expect(display.show({ kind: 'idle' })).rejects.toMatchObject({
      code: 'display-failed',
      retryable: true,
      message: expect.stringContaining('display.png'),
    })
    expect(await readdir(folder)).toEqual(['display.png'])
  })
})
