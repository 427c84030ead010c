import { utf8 } from '@ankang/protocol'
import { describe, expect, onTestFinished, vi } from 'vitest'
import { requirement } from '../../../../scripts/testing/requirements.ts'
import { LineReader, type LineReaderOptions } from '../../../src/adapters/serialport/line-reader.ts'
import type { LineDelimiter } from '../../../src/framing/line-framer.ts'
import { ManualTimers } from '../../../src/testing/manual-timers.ts'
import { readerContract } from '../../contracts/reader-contract.ts'
import { makePlug } from '../../fixtures/plug.ts'
import { ReaderLog } from '../../fixtures/reader-log.ts'
import { RIDE_LENGTHS, rideCode, rideLength } from '../../fixtures/ride-code.ts'

const python = requirement('python3')
const LINE_ENDS: readonly (readonly [LineDelimiter, readonly number[]])[] = [
  ['cr', [0x0d]],
  ['lf', [0x0a]],
  ['crlf', [0x0d, 0x0a]],
  ['etx', [0x03]],
]
const WAITING = { timeout: 20_000, interval: 5 }

async function bench(options: Partial<LineReaderOptions> = {}) {
  const plug = await makePlug(python.value)
  const reader = new LineReader({
    name: 'scanner',
    path: plug.path,
    baudRate: 115_200,
    delimiter: 'cr',
    idleGapMs: 50,
    maxBytes: 4096,
    nowMs: () => performance.now(),
    ...options,
  })
  return { reader, ...plug }
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
      present: code => send(Uint8Array.of(...code, 0x0d)),
      breakHardware: unplug,
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

  for (const [delimiter, end] of LINE_ENDS) {
    python.it(`reads ride codes whole, whatever bytes they hold and however they come (${delimiter})`, async () => {
      const { log, send } = await started({ delimiter, declaredLength: rideLength, idleGapMs: 60_000 })
      const every = rideCode(RIDE_LENGTHS.longest, at => at & 0xff)
      const hostile = rideCode(RIDE_LENGTHS.shortest, at => [0x0d, 0x0a, 0x03, 0x02][at % 4] ?? 0)
      await send(every.subarray(0, 2))
      await send(every.subarray(2, 20))
      await send(Uint8Array.of(...every.subarray(20), ...end, ...hostile, ...end, ...hostile))
      await send(Uint8Array.of(...end, ...utf8('AK1:ABC'), ...end))
      await log.readingCount(4)
      expect(log.readings.map(({ bytes }) => bytes)).toEqual([every, hostile, hostile, utf8('AK1:ABC')])
      expect(log.stateNames).toEqual(['ready'])
    })
  }

  python.it('takes a code that a scanner sends again and again while it is held for one showing', async () => {
    const timers = new ManualTimers()
    const { log, send } = await started({ holdMs: 1500, timers, nowMs: timers.nowMs })
    await send('HELD\rHELD\r')
    await log.readingCount(1)
    timers.advance(1499)
    await send('HELD\rOTHER\r')
    await log.readingCount(2)
    timers.advance(1500)
    await send('HELD\r')
    await log.readingCount(3)
    expect(log.texts).toEqual(['HELD', 'OTHER', 'HELD'])
  })

  python.it('takes each for its own showing where no hold is set', async () => {
    const { log, send } = await started()
    await send('TWICE\rTWICE\r')
    await log.readingCount(2)
    expect(log.texts).toEqual(['TWICE', 'TWICE'])
  })

  python.it('remembers no showing of before it was stopped', async () => {
    const { reader, log, send } = await started({ holdMs: 60_000 })
    await send('SAME\r')
    await log.readingCount(1)
    await reader.stop()
    await reader.start(log)
    await send('SAME\r')
    await log.readingCount(2)
    expect(log.texts).toEqual(['SAME', 'SAME'])
  })
})
