import {
  checkBatch,
  decodeBatch,
  EnvironmentError,
  importEd25519,
  type Receipt,
  receiptFormat,
  utf8,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryJournal } from '../../src/testing/memory-journal.ts'
import { MemoryLink } from '../../src/testing/memory-link.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { UPLINK_LIMITS, Uplink } from '../../src/uplink/uplink.ts'
import { deviceKey, devicePublicKey, NOW_SECONDS, receiptKey, receiptKid, testTrust } from '../fixtures/test-world.ts'

const generation = new Uint8Array(8).fill(3)
const batchKey = importEd25519(devicePublicKey)

function setUp() {
  const clock = new TestClock(NOW_SECONDS * 1000)
  const journal = new MemoryJournal({
    device: 'door-1',
    publicKey: devicePublicKey,
    epoch: new Uint8Array(8).fill(9),
    clock,
  })
  const link = new MemoryLink()
  const alarms: string[] = []
  const confirmed: number[] = []
  const uplink = new Uplink({
    journal,
    link,
    key: deviceKey,
    trust: testTrust(),
    clock,
    keepMs: 1000,
    events: { onConfirmed: through => confirmed.push(through), onAlarm: detail => alarms.push(detail) },
  })
  link.open({
    onUp: () => uplink.linkUp(),
    onDown: () => uplink.linkDown(),
    onMessage: (_, payload) => uplink.receipt(payload),
  })
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) await journal.append({ build: seq => utf8(`record ${seq}`) })
    uplink.recordWritten()
  }
  const receipt = (storedThrough: number, more: Partial<Receipt> = {}, key = receiptKey) =>
    receiptFormat.encode(
      {
        device: 'door-1',
        epoch: journal.epoch.epoch,
        storedThrough,
        linkThere: journal.history.linkAt(storedThrough) ?? new Uint8Array(32),
        pruneThrough: 0,
        timeMs: 1,
        storeGeneration: generation,
        verdict: 'ok',
        ...more,
      },
      key,
      receiptKid,
    )
  const sent = () =>
    link.saidOn('records').map(message => {
      const batch = decodeBatch(message)
      if (!batch.ok || batchKey === null) throw new TypeError('the uplink sent a broken batch')
      const checked = checkBatch(batch.value, batchKey)
      expect(checked.ok).toBe(true)
      return [batch.value.payload.from, batch.value.payload.through] as const
    })
  return { clock, journal, link, alarms, confirmed, uplink, write, receipt, sent }
}

describe('the uplink', () => {
  it('waits for the centre to say what it holds, then sends the rest in signed, chained batches', async () => {
    const { link, uplink, write, receipt, sent } = setUp()
    await write(3)
    link.up()
    expect(sent()).toEqual([])
    uplink.receipt(receipt(1))
    expect(sent()).toEqual([[2, 3]])
  })

  it('sends from the first record when the centre stays silent', async () => {
    const { clock, link, uplink, write, sent } = setUp()
    await write(3)
    link.up()
    clock.advance(UPLINK_LIMITS.receiptTimeoutMs - 1)
    uplink.tick()
    expect(sent()).toEqual([])
    clock.advance(1)
    uplink.tick()
    expect(sent()).toEqual([[1, 3]])
  })

  it('keeps a small window in flight and fills it again at each receipt', async () => {
    const { link, uplink, write, receipt, sent } = setUp()
    const { batchRecords, windowBatches } = UPLINK_LIMITS
    await write(batchRecords * 4)
    link.up()
    uplink.receipt(receipt(0))
    expect(sent()).toHaveLength(windowBatches)
    uplink.receipt(receipt(batchRecords))
    expect(sent().at(-1)).toEqual([batchRecords * 2 + 1, batchRecords * 3])
    expect(sent()).toHaveLength(windowBatches + 1)
  })

  it('sends again what got no receipt in time', async () => {
    const { clock, link, uplink, write, receipt, sent } = setUp()
    link.up()
    uplink.receipt(receipt(0))
    await write(2)
    clock.advance(UPLINK_LIMITS.receiptTimeoutMs)
    uplink.tick()
    expect(sent()).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('piles nothing up on a line that carries slowly', async () => {
    const { clock, link, uplink, write, receipt } = setUp()
    link.up()
    uplink.receipt(receipt(0))
    let asked = 0
    link.publish = () => {
      asked++
      return new Promise(() => undefined)
    }
    await write(UPLINK_LIMITS.batchRecords * 4)
    for (let times = 0; times < 100; times++) {
      clock.advance(UPLINK_LIMITS.receiptTimeoutMs)
      uplink.tick()
    }
    expect(asked).toBe(UPLINK_LIMITS.windowBatches)
  })

  it('takes a disk that fails for an alarm, and goes on when it works again', async () => {
    const { alarms, journal, link, uplink, write, receipt, sent } = setUp()
    await write(2)
    link.up()
    const read = journal.history.read
    const broken = () => {
      throw new EnvironmentError('journal-full', 'no space', { retryable: true })
    }
    Object.assign(journal.history, { read: broken, prune: broken })
    uplink.receipt(receipt(1, { pruneThrough: 1 }))
    uplink.recordWritten()
    expect(alarms.at(-1)).toMatch(/the journal cannot be read or pruned: no space/)
    Object.assign(journal.history, { read })
    uplink.recordWritten()
    expect(sent()).toEqual([[2, 2]])
  })

  it('sends at the next tick what was written without a word to it', async () => {
    const { journal, link, uplink, receipt, sent } = setUp()
    link.up()
    uplink.receipt(receipt(0))
    await journal.append({ build: seq => utf8(`record ${seq}`) })
    expect(sent()).toEqual([])
    uplink.tick()
    expect(sent()).toEqual([[1, 1]])
  })

  it('starts over from the last receipt after the link was lost', async () => {
    const { link, uplink, write, receipt, sent } = setUp()
    link.up()
    uplink.receipt(receipt(0))
    await write(2)
    link.down()
    await write(1)
    expect(sent()).toHaveLength(1)
    link.up()
    uplink.receipt(receipt(0))
    expect(sent().at(-1)).toEqual([1, 3])
  })

  it('believes no receipt but one signed by a delegated key', async () => {
    const { alarms, confirmed, link, uplink, write, receipt } = setUp()
    await write(2)
    link.up()
    uplink.receipt(receipt(2, {}, deviceKey))
    uplink.receipt(utf8('not a receipt'))
    expect(confirmed).toEqual([])
    expect(alarms).toEqual([
      'receipt is not signed by a key this device trusts for receipts',
      expect.stringMatching(/receipt is broken/),
    ])
  })

  it('ignores a receipt for another device or epoch', async () => {
    const { alarms, confirmed, uplink, write, receipt } = setUp()
    await write(2)
    uplink.receipt(receipt(2, { device: 'door-2' }))
    uplink.receipt(receipt(2, { epoch: new Uint8Array(8) }))
    expect([confirmed, alarms]).toEqual([[], []])
  })

  it('prunes nothing before the centre says it may, and nothing younger than keepDays', async () => {
    const { clock, journal, uplink, write, receipt } = setUp()
    await write(5)
    clock.advance(10_000)
    uplink.receipt(receipt(5))
    expect(journal.history.oldestSeq()).toBe(1)
    uplink.receipt(receipt(5, { pruneThrough: 3 }))
    expect(journal.history.oldestSeq()).toBe(4)
    await write(1)
    uplink.receipt(receipt(6, { pruneThrough: 6 }))
    expect(journal.records.map(record => record.seq)).toEqual([6])
  })

  it('alarms, prunes nothing and sends no more when the centre holds another record than it', async () => {
    const { alarms, clock, journal, link, uplink, write, receipt, sent } = setUp()
    await write(3)
    link.up()
    clock.advance(10_000)
    uplink.receipt(receipt(2, { linkThere: new Uint8Array(32), pruneThrough: 2 }))
    expect(alarms).toEqual([expect.stringMatching(/holds another record 2/)])
    expect(journal.history.oldestSeq()).toBe(1)
    expect(sent()).toEqual([])
  })

  it('alarms when the centre holds more than the journal does', async () => {
    const { alarms, uplink, write, receipt } = setUp()
    await write(1)
    uplink.receipt(receipt(7))
    expect(alarms).toEqual([expect.stringMatching(/journal was set back/)])
  })

  it('alarms at a verdict of conflict', async () => {
    const { alarms, uplink, write, receipt } = setUp()
    await write(1)
    uplink.receipt(receipt(1, { verdict: 'conflict' }))
    expect(alarms).toEqual([expect.stringMatching(/conflict/)])
  })

  it('sends again what a restored centre has lost', async () => {
    const { link, uplink, write, receipt, sent } = setUp()
    await write(4)
    link.up()
    uplink.receipt(receipt(4))
    uplink.receipt(receipt(2))
    expect(sent()).toEqual([[3, 4]])
  })

  it('delivers every record through any order of cuts, silences and receipts', async () => {
    const step = fc.constantFrom('write', 'up', 'down', 'answer', 'silence')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const { clock, journal, link, uplink, write, receipt, sent } = setUp()
        let stored = 0
        const takeIn = () => {
          for (const [from, through] of sent()) if (from <= stored + 1) stored = Math.max(stored, through)
        }
        for (const kind of [...steps, 'down', 'up', 'answer', 'answer', 'answer'] as const) {
          if (kind === 'write') await write(3)
          if (kind === 'up') link.up()
          if (kind === 'down') link.down()
          if (kind === 'silence') {
            clock.advance(UPLINK_LIMITS.receiptTimeoutMs)
            uplink.tick()
          }
          if (kind === 'answer') {
            takeIn()
            uplink.receipt(receipt(stored))
          }
        }
        expect(stored).toBe(journal.head().seq)
        expect(uplink.backlog()).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
