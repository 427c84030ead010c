import { EnvironmentError, ORDER_KINDS } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { jsonDetail } from '../../src/orders/carry-out.ts'
import { type OrderBox, orderBox, turns } from '../fixtures/order-box.ts'

const OPEN = { name: 'open-once', args: { seconds: 3 } }

async function readyBox(): Promise<OrderBox> {
  const box = await orderBox()
  await box.sync()
  return box
}

describe('a remote opening', () => {
  it('moves the relay only once its record is on disk', async () => {
    const box = await readyBox()
    const order: string[] = []
    const append = box.journal.append.bind(box.journal)
    let commit = (): void => undefined
    const held = new Promise<void>(resolve => {
      commit = resolve
    })
    box.journal.append = async entry => {
      await held
      const record = await append(entry)
      order.push(`record ${record.seq}`)
      return record
    }
    const pulse = box.relay.pulse.bind(box.relay)
    box.relay.pulse = async (output, durationMs) => {
      order.push(`${output} for ${durationMs}`)
      return pulse(output, durationMs)
    }
    await box.give(box.command({ ...OPEN, args: { seconds: 7 } }))
    expect(order).toEqual([])
    expect(box.results()).toEqual([])
    commit()
    await turns()
    expect(order).toEqual([`record ${box.journal.head().seq}`, 'door for 7000'])
    expect(box.results()).toMatchObject([{ ok: true, detail: 'done' }])
  })

  it('does not happen when the disk took so long over its record that the order ran out', async () => {
    const box = await readyBox()
    const append = box.journal.append.bind(box.journal)
    box.journal.append = entry => {
      box.clock.advance(61_000)
      return append(entry)
    }
    await box.give(box.command(OPEN))
    expect(box.relay.movements).toEqual([])
    expect(box.results()).toMatchObject([{ ok: false, detail: 'expired' }])
    expect(box.records().map(([reason]) => reason)).toEqual(['open-once', 'expired'])
  })

  it('does not happen while the journal is full, and happens by a new order when there is space', async () => {
    const box = await readyBox()
    box.journal.full = true
    await box.give(box.command(OPEN))
    expect(box.relay.movements).toEqual([])
    expect(box.results()).toMatchObject([{ ok: false, detail: 'storage-full' }])
    expect(box.alarms()).toContainEqual(['storage', expect.any(String)])
    box.journal.full = false
    await box.give(box.command({ ...OPEN, id: 'order-2' }))
    expect(box.relay.movements).toHaveLength(1)
  })

  it('is told on the glass, in words', async () => {
    const box = await readyBox()
    await box.give(box.command(OPEN))
    expect(box.display.shown.at(-1)).toEqual({
      kind: 'notice',
      sign: 'opened',
      zh: '远程开门',
      en: 'Opened by staff',
    })
  })

  it('whose output does not move leaves a record of that, an alarm and an answer', async () => {
    const box = await readyBox()
    box.relay.failure.begin()
    await box.give(box.command(OPEN))
    const [command] = box.bodies().filter(({ type }) => type === 'command')
    expect(box.records('action-failed')).toEqual([['effect-failed', { 1: command?.seq }]])
    expect(box.alarms()).toContainEqual(['door', expect.stringMatching(/did not move/)])
    expect(box.results()).toMatchObject([{ ok: false, detail: 'output-failed' }])
    expect(box.display.shown.at(-1)).toMatchObject({ kind: 'result' }) // what `sync` showed: nobody is told of an open door
  })

  it('opens for three seconds when nothing else is said', async () => {
    const box = await readyBox()
    let openedMs = 0
    box.relay.pulse = async (_, durationMs) => {
      openedMs = durationMs
    }
    await box.give(box.command({ name: 'open-once' }))
    expect(openedMs).toBe(3000)
  })
})

describe('an answer', () => {
  it('is given again, the same to the byte, when its order comes again; nothing is done twice', async () => {
    const box = await readyBox()
    const order = box.command(OPEN)
    await box.give(order)
    box.clock.advance(1000)
    await box.give(order)
    await box.give(box.command({ ...OPEN, args: { seconds: 9 } })) // another order under the same id
    expect(box.relay.movements).toHaveLength(1)
    expect(box.records()).toHaveLength(1)
    const [first, ...again] = box.link.saidOn('results')
    expect(again).toEqual([first, first])
  })

  it('is given again after the order has expired, and again when it was a refusal', async () => {
    const box = await readyBox()
    const good = box.command(OPEN)
    const bad = box.command({ id: 'order-2', name: 'explode' })
    for (const order of [good, bad]) await box.give(order)
    box.clock.advance(3_600_000)
    for (const order of [good, bad]) await box.give(order)
    expect(box.results().map(({ id, ok }) => [id, ok])).toEqual([
      ['order-1', true],
      ['order-2', false],
      ['order-1', true],
      ['order-2', false],
    ])
    expect(box.records()).toHaveLength(2)
  })

  it('waits for a connection that carries it, and is not said again once one did', async () => {
    const box = await readyBox()
    const publish = box.link.publish.bind(box.link)
    box.link.publish = async (channel, payload, options) => {
      if (channel === 'results') throw new EnvironmentError('link-down', 'cut while sending', { retryable: true })
      return publish(channel, payload, options)
    }
    await box.give(box.command(OPEN))
    expect(box.results()).toEqual([])
    box.link.publish = publish
    box.link.up()
    await turns()
    box.link.up()
    await turns()
    expect(box.results()).toMatchObject([{ id: 'order-1', ok: true }])
  })
})

describe('orders that look after the box', () => {
  it('test it: journal, readers, door, clock, trust and lockdown in a word each', async () => {
    const box = await readyBox()
    await box.give(box.command({ name: 'self-test' }))
    expect(box.results()[0]).toMatchObject({ ok: true })
    expect(JSON.parse(box.results()[0]?.detail ?? '')).toEqual({
      ok: true,
      journal: 'writable',
      output: 'present',
      clock: { trust: 'synced', errorMs: 0, witnessAgeMs: 0 },
      trust: { version: 1, ageSeconds: null },
      lockdown: false,
      readers: { scanner: 'ready' },
    })
  })

  it('say what is wrong with it, also when nothing can be recorded', async () => {
    const box = await readyBox()
    box.reader.fail('unplugged')
    box.journal.full = true
    await box.give(box.command({ name: 'self-test' }))
    const [result] = box.results()
    expect(result).toMatchObject({ ok: false })
    expect(JSON.parse(result?.detail ?? '')).toMatchObject({
      journal: 'not-writable',
      readers: { scanner: 'fault: unplugged' },
    })
  })

  it('send diagnostics without a person', async () => {
    const box = await readyBox()
    await box.show()
    box.reader.fail('unplugged')
    box.clock.advance(5000)
    await box.give(box.command({ name: 'send-diagnostics' }))
    expect(JSON.parse(box.results()[0]?.detail ?? '')).toMatchObject({
      firmware: '0.0.0',
      hardware: 'twin',
      scene: 'hall-door',
      upSeconds: 5,
      residentBytes: 1,
      logLevel: 'info',
      lockdown: false,
      counters: { admitted: 1, readerFaults: 1 },
      alarms: { reader: 1 },
    })
    expect(box.results()[0]?.detail).not.toContain('张')
  })

  it('set the log level until the next start', async () => {
    const box = await readyBox()
    await box.give(box.command({ name: 'set-log-level', args: { level: 'debug' } }))
    expect(box.results()).toMatchObject([{ ok: true, detail: 'done' }])
    expect(box.levels).toEqual(['info', 'debug'])
  })

  it('restart it after the record is written and the answer is on its way', async () => {
    const box = await readyBox()
    const said: number[] = []
    const publish = box.link.publish.bind(box.link)
    box.link.publish = (channel, payload, options) => {
      if (channel === 'results') said.push(box.restarts.length)
      return publish(channel, payload, options)
    }
    await box.give(box.command({ name: 'restart' }))
    expect(box.results()).toMatchObject([{ ok: true, detail: 'restarting' }])
    expect(said).toEqual([0])
    expect(box.restarts).toEqual([box.journal.head().seq])
    expect(box.bodies().at(-1)).toMatchObject({ type: 'command', reason: 'restart' })
  })

  it('are logged with their code, and never with what they asked for', async () => {
    const box = await readyBox()
    await box.give(box.command({ name: 'self-test' }))
    expect(box.log).toContainEqual({ event: 'order', id: 'order-1', name: 'self-test', ok: true, code: 'asked-for' })
  })

  it.each(Object.keys(ORDER_KINDS))('know what to do with %s', async name => {
    const box = await readyBox()
    await box.give(box.command({ name, args: name === 'set-log-level' ? { level: 'warn' } : {} }))
    expect(box.results()).toMatchObject([{ ok: true }])
  })
})

describe('a box that stops', () => {
  it('takes no order any more: nothing opens behind its back', async () => {
    const box = await readyBox()
    const stopped = box.device.stop()
    await box.give(box.command(OPEN))
    await stopped
    expect(box.relay.isOn('door')).toBe(false)
    expect(box.results()).toEqual([])
  })
})

describe('the JSON of an answer', () => {
  it('fits: what comes last is left out, and it says so', () => {
    const readers = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`reader-${number}`, 'x'.repeat(40)]))
    const text = jsonDetail({ ok: true, clock: 'synced', readers })
    expect(text.length).toBeLessThanOrEqual(2000)
    expect(JSON.parse(text)).toEqual({ ok: true, clock: 'synced', cut: true })
    expect(jsonDetail({ ok: true })).toBe('{"ok":true}')
  })
})
