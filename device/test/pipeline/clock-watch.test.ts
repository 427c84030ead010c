import { decodeBody } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { ClockWatch } from '../../src/pipeline/clock-watch.ts'
import { Recorder } from '../../src/pipeline/record.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { CLOCK_LIMITS, TrustedClock } from '../../src/timing/trusted-clock.ts'
import { turns } from '../fixtures/order-box.ts'
import { memoryJournal } from '../fixtures/test-line.ts'
import { NOW_SECONDS, testTrust } from '../fixtures/test-world.ts'

function setUp() {
  const base = new TestClock(NOW_SECONDS * 1000)
  const clock = new TrustedClock(base)
  const journal = memoryJournal(base)
  const recorder = new Recorder({
    journal,
    clock,
    trust: testTrust(),
    scene: { name: 'hall-door' },
    random: length => new Uint8Array(length),
    onWritten: (seq, since) => clock.written(seq, since),
  })
  const said: string[] = []
  let isCentreThere = true
  const watch = new ClockWatch({
    clock,
    recorder,
    canAsk: () => isCentreThere,
    events: {
      onStepped: (wasTrusted, detail) => said.push(`${wasTrusted ? 'alarm' : 'info'}: ${detail}`),
      onRecordWritten: () => said.push('written'),
      onJournalFault: error => said.push(error.code),
      onBroken: error => {
        throw error
      },
    },
  })
  const tick = async () => {
    watch.tick()
    await turns(1)
  }
  return {
    base,
    clock,
    journal,
    said,
    tick,
    leave: () => {
      isCentreThere = false
    },
    /** The centre confirms everything. */
    confirm: () => clock.heard(base.nowMs(), journal.head().seq),
    records: () =>
      journal.records.map(({ body }) => {
        const decoded = decodeBody(body)
        if (!decoded.ok) throw new TypeError(decoded.detail)
        const { type, reason, timeTrust, sceneMap } = decoded.value
        return [type, reason, timeTrust, Object.fromEntries(sceneMap ?? [])]
      }),
  }
}

describe('the watch over the clock', () => {
  it('writes a record for the centre to confirm, once, and the clock is synced by its receipt', async () => {
    const { clock, tick, confirm, records, said } = setUp()
    await tick()
    await tick()
    expect(records()).toEqual([['clock', 'time-asked', 'unknown', {}]])
    expect(said).toEqual(['written'])
    confirm()
    expect(clock.trust()).toBe('synced')
  })

  it('asks again before the hour is over, and so an idle box stays synced all night', async () => {
    const { base, clock, tick, confirm, records } = setUp()
    for (let minute = 0; minute < 12 * 60; minute++) {
      await tick()
      confirm()
      base.advance(60_000)
      expect(clock.trust()).toBe('synced')
    }
    expect(records().length).toBeLessThanOrEqual(25)
  })

  it('asks nobody while the centre is away', async () => {
    const { tick, leave, records } = setUp()
    leave()
    await tick()
    expect(records()).toEqual([])
  })

  it('leaves a record and an alarm when a trusted clock is set', async () => {
    const { base, tick, confirm, records, said, leave } = setUp()
    await tick()
    confirm()
    leave()
    said.length = 0
    base.step(-5000)
    await tick()
    expect(said).toEqual(['alarm: the wall clock was set back by 5000 ms', 'written'])
    expect(records().at(-1)).toEqual(['clock', 'clock-stepped', 'unknown', { 1: 0, 2: 5000 }])
  })

  it('records at most one step a minute of a clock that nobody trusts, and alarms at none', async () => {
    const { base, tick, leave, records, said } = setUp()
    leave()
    for (let step = 0; step < 90; step++) {
      base.step(10_000)
      await tick()
      base.advance(1000)
    }
    expect(records().map(([, reason]) => reason)).toEqual(['clock-stepped', 'clock-stepped'])
    expect(said.filter(word => word.startsWith('alarm'))).toEqual([])
  })

  it('says so when the journal takes no record, and asks again later', async () => {
    const { base, journal, tick, said, records } = setUp()
    journal.full = true
    await tick()
    expect(said).toEqual(['journal-full'])
    journal.full = false
    base.advance(CLOCK_LIMITS.askAgain.firstMs)
    await tick()
    expect(records()).toHaveLength(1)
  })
})
