import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FrameFolderReader } from '../../../src/adapters/camera/frame-folder-reader.ts'
import { loadPicture } from '../../../src/adapters/sharp/picture.ts'
import { WorkerDecoder } from '../../../src/adapters/zxing/worker-decoder.ts'
import { pgmHeader } from '../../../src/framing/pgm.ts'
import { ManualTimers } from '../../../src/testing/manual-timers.ts'
import { blankFrame, qrFrame } from '../../fixtures/qr-frame.ts'
import { ReaderLog } from '../../fixtures/reader-log.ts'

async function bench() {
  const parent = await mkdtemp(join(tmpdir(), 'ankang-frames-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = join(parent, 'frames')
  const timers = new ManualTimers()
  const reader = new FrameFolderReader({
    name: 'pictures',
    folder,
    loadPicture,
    decoder: new WorkerDecoder(),
    nowMs: () => performance.now(),
    timers,
  })
  onTestFinished(() => reader.stop())
  const log = new ReaderLog()
  return { folder, reader, log, timers }
}

async function picture(folder: string, name: string, text: string | null): Promise<void> {
  const frame = text === null ? blankFrame(200, 200) : await qrFrame(text, 200, 200)
  await writeFile(join(folder, name), Buffer.concat([pgmHeader(frame.width, frame.height), frame.pixels]))
}

describe('a folder of frames', () => {
  it('is shown once in the order of the names, every picture with a code being one showing', async () => {
    const { folder, reader, log } = await bench()
    await mkdir(folder)
    await picture(folder, '02.pgm', 'SECOND')
    await picture(folder, '10.pgm', 'LAST')
    await picture(folder, '01.pgm', 'FIRST')
    await picture(folder, '03.pgm', null)
    await picture(folder, '04.pgm', 'SECOND')
    await writeFile(join(folder, 'index.json'), '[]')
    await reader.start(log)
    await log.readingCount(4)
    expect(log.texts).toEqual(['FIRST', 'SECOND', 'SECOND', 'LAST'])
    expect(log.stateNames).toEqual(['ready'])
    for (const { reader: by, readMs } of log.readings)
      expect({ by, took: readMs > 0 }).toEqual({ by: 'pictures', took: true })
  })

  it('says which picture cannot be read, and goes on with the next', async () => {
    const { folder, reader, log } = await bench()
    await mkdir(folder)
    await writeFile(join(folder, '01.png'), 'no picture')
    await picture(folder, '02.pgm', 'NEXT')
    await reader.start(log)
    await log.readingCount(1)
    expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
    expect(log.states[1]).toMatchObject({ detail: expect.stringContaining('01.png') })
    expect(log.texts).toEqual(['NEXT'])
  })

  it('is waited for where it is missing', async () => {
    const { folder, reader, log, timers } = await bench()
    await reader.start(log)
    expect(log.states).toEqual([{ state: 'fault', detail: expect.stringContaining(`create ${folder}`) }])
    await mkdir(folder)
    await picture(folder, '01.pgm', 'THERE')
    timers.advance(500)
    await log.readingCount(1)
    expect(log.stateNames).toEqual(['fault', 'ready'])
  })

  it('is shown no further after stop', async () => {
    const { folder, reader, log, timers } = await bench()
    await mkdir(folder)
    for (const name of ['01', '02', '03', '04']) await picture(folder, `${name}.pgm`, name)
    await reader.start(log)
    await log.readingCount(1)
    await reader.stop()
    const shown = log.readings.length
    await reader.stop()
    expect(log.readings).toHaveLength(shown)
    expect(timers.pendingCount).toBe(0)
  })
})
