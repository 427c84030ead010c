import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnvironmentError, toHex, utf8 } from '@ankang/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { requirement } from '../../../../scripts/testing/requirements.ts'
import { CameraReader, type CameraReaderOptions } from '../../../src/adapters/camera/camera-reader.ts'
import { decodeFrame } from '../../../src/adapters/zxing/decode-frame.ts'
import { WorkerDecoder } from '../../../src/adapters/zxing/worker-decoder.ts'
import type { DecodeEffort, FrameDecoder } from '../../../src/framing/frame-decoder.ts'
import type { GrayFrame } from '../../../src/framing/gray-frame.ts'
import { ManualTimers } from '../../../src/testing/manual-timers.ts'
import { readerContract } from '../../contracts/reader-contract.ts'
import { Fifo } from '../../fixtures/fifo.ts'
import { blankFrame, qrFrame } from '../../fixtures/qr-frame.ts'
import { ReaderLog } from '../../fixtures/reader-log.ts'

const WIDTH = 160
const HEIGHT = 120
const WAITING = { timeout: 20_000, interval: 5 }
const ffmpeg = requirement('ffmpeg')
const vectors = fileURLToPath(new URL('../../../../protocol/vectors/', import.meta.url))
const blank = blankFrame(WIDTH, HEIGHT)

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ankang-camera-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** A camera that reads what the test writes into a pipe. */
async function bench(options: Partial<CameraReaderOptions> = {}) {
  const cwd = options.cwd ?? (await temporaryFolder())
  const fifo = new Fifo(join(cwd, 'camera.pipe'))
  await fifo.make()
  const reader = new CameraReader({
    name: 'camera',
    command: ['cat', 'camera.pipe'],
    cwd,
    width: WIDTH,
    height: HEIGHT,
    holdMs: 60_000,
    stallMs: 60_000,
    decoder: new WorkerDecoder(),
    nowMs: () => performance.now(),
    ...options,
  })
  onTestFinished(() => reader.stop())
  const write = (...frames: GrayFrame[]) => fifo.write(Buffer.concat(frames.map(({ pixels }) => pixels)))
  return { reader, fifo, write, cwd }
}

async function started(options: Partial<CameraReaderOptions> = {}) {
  const made = await bench(options)
  const log = new ReaderLog()
  await made.reader.start(log)
  return { ...made, log }
}

/** Decodes in this thread and tells what it was asked; may be held, or told to break. */
class WatchedDecoder implements FrameDecoder {
  readonly asked: { first: number | undefined; effort: DecodeEffort }[] = []
  answered = 0
  isBroken = false
  held: Promise<void> = Promise.resolve()

  async decode(frame: GrayFrame, effort: DecodeEffort): Promise<Uint8Array | null> {
    this.asked.push({ first: frame.pixels[0], effort })
    await this.held
    const answer = this.isBroken ? null : await decodeFrame(frame, effort)
    // Only when whoever waits for the answer has had it.
    setImmediate(() => {
      this.answered += 1
    })
    if (this.isBroken)
      throw new EnvironmentError('decoder-failed', 'the decoder was told to break', { retryable: true })
    return answer
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
}

readerContract(
  'the camera reader',
  async () => {
    const codes = [utf8('FIRST CODE'), utf8('SECOND')] as const
    const pictures = new Map<string, GrayFrame>()
    for (const code of codes) pictures.set(toHex(code), await qrFrame(Buffer.from(code).toString(), WIDTH, HEIGHT))
    const { reader, fifo, write } = await bench()
    return {
      reader,
      codes,
      present: code => write(pictures.get(toHex(code)) ?? blank),
      breakHardware: () => fifo.remove(),
      repairHardware: async () => {
        await fifo.make()
        await write(blank)
      },
    }
  },
  it,
)

/** Writes frames one by one, each when the one before was decoded, so that none is overtaken. */
async function writeOneByOne(
  frames: readonly GrayFrame[],
  write: (frame: GrayFrame) => Promise<void>,
  decoder: WatchedDecoder,
) {
  for (const frame of frames) {
    const already = decoder.answered
    await write(frame)
    await vi.waitFor(() => expect(decoder.answered).toBe(already + 1), WAITING)
  }
}

describe('a camera reader', () => {
  it('makes one reading of a code that stays, and another of a different one at once', async () => {
    const [a, b] = [await qrFrame('A', WIDTH, HEIGHT), await qrFrame('B', WIDTH, HEIGHT)]
    const decoder = new WatchedDecoder()
    const { log, write } = await started({ decoder })
    await writeOneByOne([a, a, blank, a, b, b, a, blank, b], write, decoder)
    expect(log.texts).toEqual(['A', 'B'])
  })

  it('makes a new reading of a code that was away for longer than the hold', async () => {
    const a = await qrFrame('A', WIDTH, HEIGHT)
    const time = new ManualTimers(1000)
    const decoder = new WatchedDecoder()
    const { log, write } = await started({ decoder, holdMs: 1000, nowMs: time.nowMs })
    const lookFor = async (frames: readonly GrayFrame[]) => {
      for (const frame of frames) {
        time.advance(250)
        await writeOneByOne([frame], write, decoder)
      }
    }
    await lookFor([a, blank, blank, blank, a])
    expect(log.texts).toEqual(['A'])
    await lookFor([blank, blank, blank, blank, a])
    expect(log.readings.map(({ startedAtMs }) => startedAtMs)).toEqual([1250, 3500])
  })

  it('decodes the newest frame when it could not keep up', async () => {
    const decoder = new WatchedDecoder()
    let release = (): void => undefined
    decoder.held = new Promise(resolve => {
      release = resolve
    })
    const { write } = await started({ decoder })
    const marked = (value: number): GrayFrame => ({ ...blank, pixels: blank.pixels.slice().fill(value) })
    await write(marked(1))
    await vi.waitFor(() => expect(decoder.asked).toHaveLength(1), WAITING)
    // The pipe holds three frames and a bit: when the last of these is in it, most of the others have been read.
    for (const value of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) await write(marked(value))
    release()
    await vi.waitFor(() => expect(decoder.asked.at(-1)?.first).toBe(12), WAITING)
    expect(decoder.asked[0]?.first).toBe(1)
    expect(decoder.asked.length).toBeLessThan(8)
  })

  it('gives every fourth frame its full effort', async () => {
    const decoder = new WatchedDecoder()
    const { write } = await started({ decoder })
    await writeOneByOne(
      Array.from({ length: 8 }, () => blank),
      write,
      decoder,
    )
    expect(decoder.asked.map(({ effort }) => effort)).toEqual([
      ...['quick', 'quick', 'quick', 'full'],
      ...['quick', 'quick', 'quick', 'full'],
    ])
  })

  it('announces a decoder that breaks, and goes on when it works again', async () => {
    const a = await qrFrame('A', WIDTH, HEIGHT)
    const decoder = new WatchedDecoder()
    const { log, write } = await started({ decoder })
    decoder.isBroken = true
    await writeOneByOne([a, a], write, decoder)
    expect(log.states).toEqual([{ state: 'ready' }, { state: 'fault', detail: 'the decoder was told to break' }])
    decoder.isBroken = false
    await writeOneByOne([a], write, decoder)
    expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
    expect(log.texts).toEqual(['A'])
  })

  it('reads what a program writes, and starts it anew when it ends', async () => {
    const cwd = await temporaryFolder()
    const record = async (text: string) =>
      writeFile(join(cwd, 'frames.raw'), (await qrFrame(text, WIDTH, HEIGHT)).pixels)
    await record('FIRST RUN')
    const { log } = await started({ cwd, command: ['cat', 'frames.raw'] })
    await log.readingCount(1)
    await record('LATER RUN')
    await log.readingCount(2)
    expect(log.texts).toEqual(['FIRST RUN', 'LATER RUN'])
    expect(log.stateNames.slice(0, 3)).toEqual(['ready', 'fault', 'ready'])
    expect(log.states[1]).toMatchObject({ detail: expect.stringContaining('cat ended (exit code 0)') })
  })

  it('comes back when its program was killed', async () => {
    const command = ['sh', '-c', 'echo $$ > pid; exec cat camera.pipe']
    const { log, write, cwd } = await started({ command })
    await write(await qrFrame('BEFORE', WIDTH, HEIGHT))
    await log.readingCount(1)
    process.kill(Number(await readFile(join(cwd, 'pid'), 'utf8')), 'SIGKILL')
    await log.stateCount(2)
    await write(await qrFrame('AFTER', WIDTH, HEIGHT))
    await log.readingCount(2)
    expect(log.texts).toEqual(['BEFORE', 'AFTER'])
    expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
    expect(log.states[1]).toMatchObject({ detail: expect.stringContaining('SIGKILL') })
  })

  it('takes a program that gives no frames for stuck: kills it and starts another', async () => {
    const timers = new ManualTimers()
    const command = ['sh', '-c', 'echo $$ >> pids; exec cat camera.pipe']
    const { log, write, cwd } = await started({ command, timers, stallMs: 3000 })
    const pids = async () => (await readFile(join(cwd, 'pids'), 'utf8')).trim().split('\n').map(Number)
    await write(await qrFrame('SEEN', WIDTH, HEIGHT))
    await log.readingCount(1)
    timers.advance(3000)
    expect(log.states[1]).toEqual({ state: 'fault', detail: expect.stringContaining('gave no frame for 3000 ms') })
    const [stuck] = await pids()
    await vi.waitFor(() => expect(isAlive(stuck)).toBe(false), WAITING)
    timers.advance(100)
    await write(await qrFrame('AGAIN', WIDTH, HEIGHT))
    await log.readingCount(2)
    expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
    expect(await pids()).toHaveLength(2)
  })

  it('ends a program that will not end by itself', async () => {
    const timers = new ManualTimers()
    const command = ['sh', '-c', 'trap "" TERM; echo $$ > pid; exec cat camera.pipe']
    const { reader, log, write, cwd } = await started({ command, timers })
    await write(await qrFrame('SEEN', WIDTH, HEIGHT))
    await log.readingCount(1)
    const stopping = reader.stop()
    timers.advance(1000)
    await stopping
    expect(isAlive(Number(await readFile(join(cwd, 'pid'), 'utf8')))).toBe(false)
  })

  it('says which program does not start', async () => {
    const { log } = await started({ command: ['no-such-grabber', '-x'] })
    expect(log.states).toEqual([
      { state: 'fault', detail: expect.stringMatching(/no-such-grabber does not start.*ENOENT.*160×120/) },
    ])
  })

  it('repeats what its program complained of', async () => {
    const { log } = await started({ command: ['sh', '-c', 'echo cannot open /dev/video9 >&2; exit 3'] })
    await log.until(() => log.stateNames.includes('fault'))
    expect(log.states.at(-1)).toMatchObject({ detail: expect.stringMatching(/exit code 3.*cannot open \/dev\/video9/) })
  })

  it('refuses an empty command', async () => {
    await expect(bench({ command: [] })).rejects.toMatchObject({ code: 'camera-command-empty' })
  })

  ffmpeg.it('reads a code through ffmpeg’s raw video pipe', async () => {
    const { cases } = JSON.parse(await readFile(`${vectors}cases.json`, 'utf8'))
    const [picture] = JSON.parse(await readFile(`${vectors}frames/index.json`, 'utf8'))
    const expected = cases.find((one: { name: string }) => one.name === picture.case)
    const { log } = await started({
      command: [
        ...[
          ffmpeg.value,
          '-v',
          'error',
          '-loop',
          '1',
          '-framerate',
          '15',
          '-re',
          '-i',
          `${vectors}frames/${picture.file}`,
        ],
        ...['-vf', 'scale=640:480', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
      ],
      width: 640,
      height: 480,
    })
    await log.readingCount(1)
    expect(log.texts).toEqual([expected.text])
  })
})

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false // an answer, not a fault
  }
}
