import { describe, expect, onTestFinished } from 'vitest'
import type { Reader } from '../../src/ports/reader.ts'
import { ReaderLog } from '../fixtures/reader-log.ts'

/** A reader and the world before it. */
export interface ReaderBench {
  readonly reader: Reader
  /** Codes that can be told apart, as the reader is to deliver them. */
  readonly codes: readonly [Uint8Array, Uint8Array]
  /** Shows a code of `codes` once. */
  present(code: Uint8Array): Promise<void>
  /** Takes the hardware away; resolves when it is gone. */
  breakHardware(): Promise<void>
  repairHardware(): Promise<void>
}

type RunTest = (title: string, run: () => Promise<void>) => void

/** What every reader promises. `make` builds a fresh bench and registers its own clean-up. */
export function readerContract(name: string, make: () => Promise<ReaderBench>, it: RunTest): void {
  async function started() {
    const bench = await make()
    const log = new ReaderLog()
    onTestFinished(() => bench.reader.stop())
    await bench.reader.start(log)
    return { ...bench, log }
  }

  describe(`${name} keeps the reader contract`, () => {
    it('has announced its state when start resolves', async () => {
      const { log } = await started()
      expect(log.stateNames).toEqual(['ready'])
    })

    it('delivers each code whole, once and in order, with the time it took', async () => {
      const { log, codes, present, reader } = await started()
      const beforeMs = performance.now()
      await present(codes[0])
      await log.readingCount(1)
      await present(codes[1])
      await log.readingCount(2)
      expect(log.readings.map(({ bytes }) => bytes)).toEqual(codes)
      for (const { reader: by, startedAtMs, readMs } of log.readings) {
        expect(by).toBe(reader.name)
        expect(startedAtMs).toBeGreaterThanOrEqual(beforeMs)
        expect(readMs).toBeGreaterThanOrEqual(0)
        expect(startedAtMs + readMs).toBeLessThanOrEqual(performance.now())
      }
    })

    it('announces lost hardware once, and comes back by itself', async () => {
      const { log, codes, present, breakHardware, repairHardware } = await started()
      await breakHardware()
      await log.stateCount(2)
      await repairHardware()
      await log.stateCount(3)
      await present(codes[0])
      await log.readingCount(1)
      expect(log.stateNames).toEqual(['ready', 'fault', 'ready'])
      expect(log.states[1]).toMatchObject({ detail: expect.stringMatching(/.{10}/) })
    })

    it('starts with a fault where the hardware is missing, and comes up when it is there', async () => {
      const bench = await make()
      await bench.breakHardware()
      const log = new ReaderLog()
      onTestFinished(() => bench.reader.stop())
      await bench.reader.start(log)
      await log.until(() => log.stateNames.includes('fault'))
      await bench.repairHardware()
      await log.until(() => log.stateNames.at(-1) === 'ready')
      await bench.present(bench.codes[0])
      await log.readingCount(1)
      expect(log.readings[0]?.bytes).toEqual(bench.codes[0])
    })

    it('delivers nothing after stop, which may be called twice', async () => {
      const { reader, log, codes, present } = await started()
      await present(codes[0])
      await log.readingCount(1)
      await reader.stop()
      await reader.stop()
      const said = log.states.length
      await present(codes[1])
      expect(log.readings).toHaveLength(1)
      expect(log.states).toHaveLength(said)
    })

    it('is not started twice', async () => {
      const { reader } = await started()
      await expect(reader.start(new ReaderLog())).rejects.toMatchObject({ code: 'reader-started' })
    })
  })
}
