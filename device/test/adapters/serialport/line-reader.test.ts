import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@ankang/protocol'
import { describe, expect, onTestFinished, vi } from 'vitest'
import { requirement } from '../../../../scripts/testing/requirements.ts'
import { LineReader, type LineReaderOptions } from '../../../src/adapters/serialport/line-reader.ts'
import { ManualTimers } from '../../../src/testing/manual-timers.ts'
import { readerContract } from '../../contracts/reader-contract.ts'
import { openPty, type Pty } from '../../fixtures/pty.ts'
import { ReaderLog } from '../../fixtures/reader-log.ts'

const python = requirement('python3')
const WAITING = { timeout: 20_000, interval: 5 }

/** A line reader on a link that stays while ptys come and go, as /dev/serial/by-id does. */
async function bench(options: Partial<LineReaderOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'ankang-line-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'scanner')
  let pty: Pty | null = null
  const plugIn = async (): Promise<void> => {
    pty = await openPty(python.value)
    await symlink(pty.path, path)
  }
  await plugIn()
  const reader = new LineReader({
    name: 'scanner',
    path,
    baudRate: 115_200,
    delimiter: 'cr',
    idleGapMs: 50,
    maxBytes: 4096,
    nowMs: () => performance.now(),
    ...options,
  })
  return {
    reader,
    path,
    plugIn,
    send: async (bytes: Uint8Array | string) => pty?.send(bytes),
    unplug: async () => {
      // First the link: the kernel gives the number of the pty to whoever asks next.
      await rm(path, { force: true })
      await pty?.unplug()
    },
  }
}

async function started(options: Partial<LineReaderOptions> = {}) {
  const made = await bench(options)
  const log = new ReaderLog()
  onTestFinished(() => made.reader.stop())
  await made.reader.start(log)
  return { ...made, log }
}

readerContract(
  'the line reader',
  async () => {
    const { reader, send, plugIn, unplug } = await bench()
    return {
      reader,
      codes: [utf8('AK1:  FIRST '), Uint8Array.from({ length: 200 }, (_, at) => 255 - at)],
      present: code => send(Uint8Array.of(...code, 0x0d)).then(() => undefined),
      breakHardware: async () => unplug(),
      repairHardware: plugIn,
    }
  },
  (title, run) => python.it(title, run),
)

describe('a line reader', () => {
  python.it('reads a code that comes in pieces as one', async () => {
    const { log, send } = await started()
    await send('AK1:')
    await send('ABC')
    await send('\r')
    await log.readingCount(1)
    expect(log.texts).toEqual(['AK1:ABC'])
  })

  python.it('reads codes that come in one piece as several', async () => {
    const { log, send } = await started({ delimiter: 'etx' })
    await send('\x02ONE\x03\x02TWO\x03')
    await log.readingCount(2)
    expect(log.texts).toEqual(['ONE', 'TWO'])
  })

  python.it('reads by silence where the scanner sends no delimiter', async () => {
    const { log, send } = await started({ delimiter: 'idle' })
    await send('ONE')
    await log.readingCount(1)
    await send('TWO')
    await log.readingCount(2)
    expect(log.texts).toEqual(['ONE', 'TWO'])
  })

  python.it('counts the silence that ends a code as part of reading it', async () => {
    const timers = new ManualTimers(1000)
    const { log, send } = await started({ delimiter: 'idle', idleGapMs: 50, timers, nowMs: timers.nowMs })
    await send('ONE')
    await vi.waitFor(() => expect(timers.pendingCount).toBe(1), WAITING)
    timers.advance(50)
    expect(log.readings).toMatchObject([{ startedAtMs: 1000, readMs: 50 }])
  })

  python.it('takes no pause of this program for a silence of the line', async () => {
    const timers = new ManualTimers()
    let pausedMs = 0
    const nowMs = () => timers.nowMs() + pausedMs
    const { log, send } = await started({ delimiter: 'idle', idleGapMs: 50, timers, nowMs })
    await send('ONE')
    await vi.waitFor(() => expect(timers.pendingCount).toBe(1), WAITING)
    pausedMs = 400
    timers.advance(50)
    expect(log.texts).toEqual([])
    timers.advance(50)
    expect(log.texts).toEqual(['ONE'])
  })

  python.it('drops a code that stopped half-way, says so, and reads the next', async () => {
    const { log, send } = await started()
    await send('HALF')
    await log.stateCount(3)
    await send('WHOLE\r')
    await log.readingCount(1)
    expect(log.texts).toEqual(['WHOLE'])
    expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
    expect(log.states[1]).toMatchObject({ detail: expect.stringContaining('stopped without its end') })
  })

  python.it('stands ten megabytes without a delimiter, says so once, and reads the next code', async () => {
    const { log, send } = await started()
    const flood = new Uint8Array(10_000_000).fill(0x41)
    const before = process.memoryUsage.rss()
    await send(flood)
    await send('\rNEXT\r')
    await log.readingCount(1)
    expect(log.texts).toEqual(['NEXT'])
    expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
    expect(log.states[1]).toMatchObject({ detail: expect.stringContaining('more than 4096 bytes') })
    // The flood itself is in this process too; what is held against it is a second one of its size.
    expect(process.memoryUsage.rss() - before).toBeLessThan(flood.length * 4)
  })

  python.it('forgets half a code when the plug is pulled', async () => {
    const { log, send, unplug, plugIn } = await started({ idleGapMs: 60_000 })
    await send('HALF')
    await unplug()
    await log.stateCount(2)
    await plugIn()
    await log.stateCount(3)
    await send('WHOLE\r')
    await log.readingCount(1)
    expect(log.texts).toEqual(['WHOLE'])
  })

  python.it('notices the unplugging also while it is reading, time and again', async () => {
    const { log, send, unplug, plugIn } = await started()
    for (let cycle = 0; cycle < 8; cycle++) {
      await send('HALF') // the hang-up follows on its heels: a read finds both
      await unplug()
      await log.until(() => log.stateNames.filter(state => state === 'fault').length > cycle)
      await plugIn()
      await log.until(() => log.stateNames.at(-1) === 'ready')
    }
    expect(log.readings).toEqual([])
  })

  python.it('says what to do when the line is not there', async () => {
    const { log, path } = await started({ path: '/dev/serial/by-id/none' })
    expect(path).not.toBe('')
    expect(log.states).toEqual([
      {
        state: 'fault',
        detail: expect.stringMatching(/by-id\/none does not open.*check that the scanner is plugged in/),
      },
    ])
  })

  python.it('can be started again after stop', async () => {
    const { reader, log, send } = await started()
    await reader.stop()
    await reader.start(log)
    await send('AGAIN\r')
    await log.readingCount(1)
    expect(log.texts).toEqual(['AGAIN'])
  })
})
