import { headFormat, importEd25519 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryLink } from '../../src/testing/memory-link.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { HEAD_AFTER, Report } from '../../src/uplink/report.ts'
import { memoryJournal } from '../fixtures/test-line.ts'
import { deviceKey, devicePublicKey, NOW_SECONDS } from '../fixtures/test-world.ts'

const publicKey = importEd25519(devicePublicKey)

function setUp() {
  const clock = new TestClock(NOW_SECONDS * 1000)
  const journal = memoryJournal(clock)
  const link = new MemoryLink()
  const unsaid: string[] = []
  const report = new Report({
    link,
    journal,
    clock,
    key: deviceKey,
    scene: 'hall-door',
    firmware: '0.0.0',
    hardware: 'twin',
    trustVersion: 1,
    bootNonce: new Uint8Array(16),
    backlog: () => 0,
    residentBytes: () => 1,
    isLockedDown: () => false,
    onUnsaid: what => unsaid.push(what),
  })
  link.open({ onUp: () => report.birth(), onDown: () => report.linkDown(), onMessage: () => undefined })
  const write = async (count: number) => {
    for (let record = 0; record < count; record++) await journal.append({ build: () => new Uint8Array(1) })
  }
  /** Sequence numbers of the heads said so far. */
  const heads = () =>
    link.saidOn('head').map(bytes => {
      const head = headFormat.decode(bytes)
      if (!head.ok || publicKey === null || !headFormat.verify(head.value, publicKey)) throw new TypeError('bad head')
      return head.value.content.seq
    })
  return { clock, link, report, write, heads, unsaid }
}

describe('a signed head', () => {
  it('is said on every connection: what was written before it is proven at once', async () => {
    const { link, write, heads } = setUp()
    await write(3)
    link.up()
    expect(heads()).toEqual([3])
  })

  it('follows what is written within seconds, and sooner when much is', async () => {
    const { clock, link, report, write, heads } = setUp()
    link.up()
    await write(1)
    report.tick()
    expect(heads()).toEqual([0])
    clock.advance(HEAD_AFTER.ms)
    report.tick()
    report.tick()
    expect(heads()).toEqual([0, 1])
    await write(HEAD_AFTER.records - 1)
    report.tick()
    expect(heads()).toEqual([0, 1])
    await write(1)
    report.tick()
    expect(heads()).toEqual([0, 1, 1 + HEAD_AFTER.records])
  })

  it('is not repeated while nothing is written, nor tried without a connection', async () => {
    const { clock, link, report, write, heads, unsaid } = setUp()
    link.up()
    for (let second = 0; second < 60; second++) {
      clock.advance(1000)
      report.tick()
    }
    expect(heads()).toEqual([0])
    link.down()
    await write(200)
    report.tick()
    expect(unsaid).toEqual([])
  })
})
