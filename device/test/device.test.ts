import {
  birthPayload,
  catalogue,
  decodePayload,
  EnvironmentError,
  headFormat,
  healthPayload,
  type StatePayload,
  statePayload,
  utf8,
} from '@ankang/protocol'
import nacl from 'tweetnacl'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Device } from '../src/device.ts'
import { scenes } from '../src/index.ts'
import type { Reader } from '../src/ports/reader.ts'
import { MemoryDisplay, MemoryKeep, MemoryReader, MemoryRelay, MemoryVoice } from '../src/testing/index.ts'
import { MemoryLink } from '../src/testing/memory-link.ts'
import { TestClock } from '../src/testing/test-clock.ts'
import { memoryJournal } from './fixtures/test-line.ts'
import { countySecret, deviceKey, NOW_SECONDS, phoneCode, testPolicy, testTrust } from './fixtures/test-world.ts'

interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly [field: string]: unknown
}

function setUp(extraReaders: readonly Reader[] = []) {
  const clock = new TestClock(NOW_SECONDS * 1000)
  const journal = memoryJournal(clock)
  const reader = new MemoryReader('scanner', () => clock.monotonicMs())
  const outputs = { relay: new MemoryRelay(), display: new MemoryDisplay(), voice: new MemoryVoice(), vehicle: null }
  const link = new MemoryLink()
  const log: LogLine[] = []
  const keep = (level: LogLine['level']) => (fields: Readonly<Record<string, unknown>>) =>
    void log.push({ ...fields, level })
  const rules = catalogue.scenes.find(scene => scene.name === 'hall-door')
  const scene = scenes.find(one => one.name === 'hall-door')
  if (rules === undefined || scene === undefined) throw new TypeError('the hall door is missing')
  let counter = 0
  const device = new Device({
    site: 'hall',
    scene: { rules, device: scene },
    catalogue,
    trust: testTrust(nacl.box.keyPair.fromSecretKey(countySecret).publicKey),
    policy: testPolicy,
    key: deviceKey,
    clock,
    random: length => new Uint8Array(length).fill(++counter),
    journal,
    readers: [reader, ...extraReaders],
    outputs,
    link,
    keepMs: 1000,
    firmware: '0.0.0',
    hardware: 'twin',
    residentBytes: () => 1,
    log: { info: keep('info'), warn: keep('warn'), error: keep('error'), setLevel: () => undefined },
    logLevel: 'info',
    keep: new MemoryKeep(),
    onRestartOrdered: () => undefined,
  })
  const started = async () => {
    await device.start()
    onTestFinished(() => device.stop())
  }
  const ended = () => log.filter(line => line['event'] === 'showing')
  const show = async (text: string) => {
    const before = ended().length
    reader.present(utf8(text))
    await vi.waitFor(() => expect(ended()).toHaveLength(before + 1))
    return ended().at(-1)
  }
  const states = () =>
    link.saidOn('state').map(bytes => decodePayload<typeof statePayload>(statePayload, bytes, 'state') as StatePayload)
  return { device, journal, reader, outputs, link, log, started, show, states }
}

describe('a device', () => {
  it('announces itself on each connection: birth, state and health, without a person', async () => {
    const { started, link, show, states } = setUp()
    await started()
    await show(phoneCode({ maskedName: '欧阳*雪' }))
    link.up()
    await vi.waitFor(() => expect(link.saidOn('health')).toHaveLength(1))
    const [birth] = link.saidOn('birth').map(bytes => decodePayload(birthPayload, bytes, 'birth'))
    expect(birth).toMatchObject({ scene: 'hall-door', head: { seq: 2 } })
    expect(states()).toMatchObject([{ state: 'ready' }])
    expect(decodePayload(healthPayload, link.saidOn('health')[0] ?? utf8(''), 'health')).toMatchObject({
      backlog: 2,
      counters: { admitted: 1, denied: 0, referred: 0 },
    })
    for (const { payload } of link.said) expect(Buffer.from(payload).includes('欧阳')).toBe(false)
  })

  it('tells its log what became of a showing, and never who it was', async () => {
    const { started, show, log } = setUp()
    await started()
    expect(await show(phoneCode({ maskedName: '欧阳*雪' }))).toMatchObject({
      seq: 2,
      outcome: 'admit',
      reason: 'ok',
      reader: 'scanner',
    })
    await show('AK1:欧阳雪')
    expect(JSON.stringify(log)).not.toContain('欧阳')
  })

  it('starts on a full disk: outputs safe, an alarm, refusals, and admits again once there is space', async () => {
    const { started, journal, outputs, show, log } = setUp()
    journal.full = true
    const order: string[] = []
    const allOff = outputs.relay.allOff.bind(outputs.relay)
    outputs.relay.allOff = async () => {
      order.push('outputs safe')
      await allOff()
    }
    const append = journal.append.bind(journal)
    journal.append = async entry => {
      order.push('journal')
      return append(entry)
    }
    await started()
    expect(order.slice(0, 2)).toEqual(['outputs safe', 'journal'])
    expect(log).toContainEqual(expect.objectContaining({ event: 'alarm', kind: 'storage' }))
    expect(await show(phoneCode())).toMatchObject({ seq: null, outcome: 'deny', reason: 'storage-full' })
    journal.full = false
    expect(await show(phoneCode())).toMatchObject({ outcome: 'admit' })
  })

  it('goes on when the journal cannot be read for its health report, and says so in its log', async () => {
    const { started, journal, link, log, show } = setUp()
    await started()
    Object.assign(journal.history, {
      read: () => {
        throw new EnvironmentError('journal-broken', 'the disk is gone', { retryable: false })
      },
    })
    link.up()
    expect(log).toContainEqual(expect.objectContaining({ event: 'unsaid', what: 'health', detail: 'the disk is gone' }))
    expect(await show(phoneCode())).toMatchObject({ outcome: 'admit' })
  })

  it('alarms when a reader is lost, and goes on when it is back', async () => {
    const { started, reader, link, log, show } = setUp()
    await started()
    link.up()
    reader.fail('unplugged')
    await vi.waitFor(() => expect(link.saidOn('alarms')).toHaveLength(1))
    reader.recover()
    expect(await show(phoneCode())).toMatchObject({ outcome: 'admit' })
    expect(log.filter(line => line['event'] === 'reader').map(line => line['state'])).toEqual([
      'ready',
      'fault',
      'ready',
    ])
  })

  it('signs its head and says that it goes, and leaves nobody on the glass', async () => {
    const { device, outputs, link, show, states, log } = setUp()
    await device.start()
    link.up()
    await show(phoneCode())
    await device.stop()
    const head = headFormat.decode(link.saidOn('head').at(-1) ?? utf8(''))
    expect(head.ok && head.value.content).toMatchObject({ device: 'door-1', seq: 2 })
    expect(states().map(({ state }) => state)).toEqual(['ready', 'offline'])
    expect(outputs.display.shown.at(-1)).toEqual({ kind: 'idle' })
    expect(outputs.relay.isOn('door')).toBe(false)
    expect(log.at(-1)).toMatchObject({ event: 'stopped' })
  })

  it('stops although a reader does not, and although the broker answers nothing', async () => {
    const stubborn: Reader = {
      name: 'stubborn',
      start: async () => undefined,
      stop: () => Promise.reject(new TypeError('stuck')),
    }
    const { device, link, outputs, log } = setUp([stubborn])
    await device.start()
    link.up()
    link.publish = () => new Promise(() => undefined)
    await device.stop()
    expect(outputs.relay.isOn('door')).toBe(false)
    expect(log).toContainEqual(expect.objectContaining({ event: 'fault', detail: 'stuck' }))
    expect(log.at(-1)).toMatchObject({ event: 'stopped' })
  })
})
