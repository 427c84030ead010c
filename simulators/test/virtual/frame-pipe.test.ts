import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FramePipe } from '../../src/virtual/frame-pipe.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const FRAME_BYTES = 300_000

/** A reader as devices start it. */
function startReader(path: string) {
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void reader.kill('SIGKILL'))
  return reader
}

/** Writes the frame again and again until a reader takes it. */
async function writeToReader(pipe: FramePipe, frame: Uint8Array): Promise<void> {
  while (!(await pipe.write(frame))) await new Promise(resolve => setImmediate(resolve))
}

async function firstBytes(stream: AsyncIterable<Buffer>, lengthBytes: number): Promise<Buffer> {
  let got = Buffer.alloc(0)
  for await (const chunk of stream) {
    got = Buffer.concat([got, chunk])
    if (got.length >= lengthBytes) break
  }
  return got.subarray(0, lengthBytes)
}

describe('a pipe of frames', () => {
  it('drops a frame that nobody reads, without waiting', async () => {
    const pipe = FramePipe.make(join(temporaryFolder(), 'camera.pipe'))
    onTestFinished(() => pipe.close())
    expect(await pipe.write(new Uint8Array(FRAME_BYTES))).toBe(false)
  })

  it('brings whole frames to a reader', async () => {
    const path = join(temporaryFolder(), 'camera.pipe')
    const pipe = FramePipe.make(path)
    onTestFinished(() => pipe.close())
    const frame = Uint8Array.from({ length: FRAME_BYTES }, (_, index) => index % 251)
    const received = firstBytes(startReader(path).stdout, FRAME_BYTES)
    await writeToReader(pipe, frame)
    expect(Buffer.compare(await received, frame)).toBe(0)
  })

  it('starts the next reader at the top of a frame when one goes away in the middle', async () => {
    const path = join(temporaryFolder(), 'camera.pipe')
    const pipe = FramePipe.make(path)
    onTestFinished(() => pipe.close())
    const first = spawn('head', ['-c', '1000', path], { stdio: ['ignore', 'ignore', 'inherit'] })
    onTestFinished(() => void first.kill('SIGKILL'))
    const cut = new Uint8Array(FRAME_BYTES).fill(1)
    while (first.exitCode === null) {
      expect(await pipe.write(cut)).toBe(false)
      await new Promise(resolve => setImmediate(resolve))
    }
    const frame = Uint8Array.from({ length: FRAME_BYTES }, (_, index) => index % 251)
    const received = firstBytes(startReader(path).stdout, FRAME_BYTES)
    await writeToReader(pipe, frame)
    expect(Buffer.compare(await received, frame)).toBe(0)
  })
})
