import { commandFormat, type DeviceCommand, MAX_COMMAND_SECONDS } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OrderBox, orderBox, turns } from '../fixtures/order-box.ts'
import { commandKey, desiredKey, kidOf, NOW_SECONDS, strangerKey } from '../fixtures/test-world.ts'

const OPEN = { name: 'open-once', args: { seconds: 3 } }

/** A box whose clock has both witnesses, and which would open at a good order. */
async function readyBox(): Promise<OrderBox> {
  const box = await orderBox()
  await box.sync()
  return box
}

function insistOnNothingMoved(box: OrderBox): void {
  expect(box.relay.movements).toEqual([])
  expect(box.health()).toMatchObject({ lockdown: false })
}

describe('a good order', () => {
  it('opens the door once, leaves its record and is answered', async () => {
    const box = await readyBox()
    await box.give(box.command(OPEN))
    expect(box.relay.movements).toEqual([{ output: 'door', on: true }])
    expect(box.records()).toEqual([['open-once', { 1: 'order-1', 2: true, 3: 'accepted' }]])
    expect(box.results()).toMatchObject([{ device: 'door-1', id: 'order-1', ok: true, detail: 'done' }])
  })
})

describe('a message that is not the centre’s', () => {
  const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

  it.each<[string, string, (box: OrderBox) => Uint8Array]>([
    ['signed by a key that nobody delegated', 'unknown-signer', box => box.command(OPEN, strangerKey)],
    ['signed by a key delegated for something else', 'unknown-signer', box => box.command(OPEN, desiredKey)],
    [
      'signed by a stranger in the name of the centre’s key',
      'bad-signature',
      ({ bootNonce }) =>
        commandFormat.encode(
          {
            device: 'door-1',
            id: 'order-1',
            issuedAt: NOW_SECONDS,
            expiresAt: NOW_SECONDS + 60,
            ...OPEN,
            bootNonce,
          },
          strangerKey,
          kidOf(commandKey),
        ),
    ],
    [
      'altered on its way',
      'bad-signature',
      box => {
        const good = box.command(OPEN)
        return flipped(good, good.length - 1)
      },
    ],
    ['signed for another device', 'another-device', box => box.command({ ...OPEN, device: 'door-2' })],
    ['no command at all', 'malformed', () => new Uint8Array([1, 2, 3])],
    ['empty', 'malformed', () => new Uint8Array()],
    ['a desired state on the wrong topic', 'malformed', box => box.desired(1, { logLevel: 'debug' })],
  ])('does nothing and gets no answer when it is %s', async (_, reason, make) => {
    const box = await readyBox()
    await box.give(make(box))
    insistOnNothingMoved(box)
    expect(box.results()).toEqual([])
    expect(box.alarms()).toEqual([['order', `command not heeded: ${reason}`]])
    expect(box.records()).toEqual([[reason, { 2: false, 3: reason, 4: 1 }]])
  })

  it('is counted, while alarms come once a minute and reason, and records once a minute, with their counts', async () => {
    const box = await readyBox()
    for (let copy = 0; copy < 5; copy++) {
      box.link.deliver('commands', new Uint8Array([copy]))
      box.link.deliver('commands', box.command(OPEN, strangerKey))
    }
    await turns()
    expect(box.alarms()).toHaveLength(2)
    expect(box.records()).toHaveLength(1)
    box.clock.advance(60_000)
    await box.give(new Uint8Array())
    expect(box.alarms().at(-1)).toEqual(['order', 'command not heeded: malformed (5 times)'])
    expect(box.records().at(-1)).toEqual(['malformed', { 2: false, 3: 'malformed', 4: 10 }])
    box.link.up()
    expect(box.health()).toMatchObject({ counters: { ordersRefused: 11 } })
  })
})

describe('an authentic order that is refused', () => {
  const now = (box: OrderBox) => Math.floor(box.clock.nowMs() / 1000)

  it.each<[string, string, (box: OrderBox) => Partial<DeviceCommand>]>([
    ['is for an earlier run of the program', 'wrong-boot', () => ({ bootNonce: new Uint8Array(16) })],
    ['has expired', 'expired', box => ({ issuedAt: now(box) - 60, expiresAt: now(box) })],
    ['comes from the future', 'issued-in-future', box => ({ issuedAt: now(box) + 21, expiresAt: now(box) + 60 })],
    ['would live too long', 'life-invalid', box => ({ expiresAt: now(box) + MAX_COMMAND_SECONDS + 1 })],
    ['was issued after its end', 'life-invalid', box => ({ issuedAt: now(box) + 20, expiresAt: now(box) + 20 })],
    ['orders what this box does not know', 'unknown-order', () => ({ name: 'explode' })],
    ['is named as something every object has', 'unknown-order', () => ({ name: 'constructor' })],
    ['opens for longer than a door may stay open', 'bad-args', () => ({ args: { seconds: 31 } })],
    ['has arguments nobody knows', 'bad-args', () => ({ args: { seconds: 3, constructor: 1 } })],
    ['lacks an argument', 'bad-args', () => ({ name: 'set-log-level', args: {} })],
  ])('is answered and recorded, and does nothing, when it %s', async (_, code, change) => {
    const box = await readyBox()
    await box.give(box.command({ ...OPEN, ...change(box) }))
    insistOnNothingMoved(box)
    expect(box.results()).toMatchObject([{ id: 'order-1', ok: false, detail: code }])
    expect(box.records()).toEqual([[code, { 1: 'order-1', 2: false, 3: code }]])
    expect(box.alarms()).toEqual([])
  })

  it('is the newest that is still in time: each bound by itself is accepted', async () => {
    const box = await readyBox()
    const at = now(box)
    await box.give(box.command({ id: 'a', issuedAt: at + 20, expiresAt: at + 20 + MAX_COMMAND_SECONDS }))
    await box.give(box.command({ id: 'b', issuedAt: at - 299, expiresAt: at + 1, name: 'release' }))
    expect(box.results()).toMatchObject([
      { id: 'a', ok: true },
      { id: 'b', ok: true },
    ])
  })

  it('is an opening while the clock has not both its witnesses; closing and testing need none', async () => {
    const box = await orderBox()
    await box.give(box.command(OPEN))
    await box.give(box.command({ id: 'order-2' }))
    expect(box.results()).toMatchObject([
      { id: 'order-1', ok: false, detail: 'clock-untrusted' },
      { id: 'order-2', ok: true, detail: 'done' },
    ])
    expect(box.relay.movements).toEqual([])
  })

  it('is an opening right after somebody has set the clock', async () => {
    const box = await readyBox()
    box.clock.step(-3000)
    await box.give(box.command(OPEN))
    expect(box.results()).toMatchObject([{ ok: false, detail: 'clock-untrusted' }])
    expect(box.relay.movements).toEqual([])
  })

  it('is one that expired by the centre’s time, although the wall clock was set back to when it was good', async () => {
    const box = await readyBox()
    const release = box.command({ id: 'order-2', name: 'release' })
    await box.give(box.command())
    box.clock.advance(120_000)
    box.clock.step(-120_000)
    await box.give(release)
    expect(box.results().at(-1)).toMatchObject({ id: 'order-2', ok: false, detail: 'expired' })
    expect(box.health()).toMatchObject({ lockdown: true })
  })

  it('is an opening of a bus, which has no door to open', async () => {
    const box = await orderBox({ scene: 'bus' })
    await box.sync()
    await box.give(box.command(OPEN))
    expect(box.results()).toMatchObject([{ ok: false, detail: 'no-such-output' }])
    expect(box.records()).toEqual([['no-such-output', { 1: 'order-1', 2: false, 3: 'no-such-output' }]])
  })

  it('is the ninth that waits', async () => {
    const box = await readyBox()
    for (let number = 0; number < 12; number++)
      box.link.deliver('commands', box.command({ id: `order-${number}`, name: 'self-test' }))
    await turns()
    const details = box.results().map(({ ok, detail }) => (ok ? 'ok' : detail))
    expect(details).toEqual([...Array(8).fill('ok'), ...Array(4).fill('busy')])
  })
})

describe('a command that is altered anywhere', () => {
  it('is never carried out', async () => {
    const box = await readyBox()
    const good = box.command(OPEN)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.record({ at: fc.nat({ max: good.length - 1 }), by: fc.integer({ min: 1, max: 255 }) }),
          fc.record({ cutTo: fc.nat({ max: good.length - 1 }) }),
          fc.record({ more: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
        ),
        async change => {
          const altered =
            'at' in change
              ? good.map((byte, index) => (index === change.at ? byte ^ change.by : byte))
              : 'cutTo' in change
                ? good.subarray(0, change.cutTo)
                : new Uint8Array([...good, ...change.more])
          await box.give(altered)
          expect(box.relay.movements).toEqual([])
          expect(box.results()).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
    await box.give(good)
    expect(box.relay.movements).toHaveLength(1)
  })

  it('is never carried out when it is nothing but bytes', async () => {
    const box = await readyBox()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
        await box.give(bytes)
        expect(box.results()).toEqual([])
      }),
      { numRuns: 200 },
    )
    insistOnNothingMoved(box)
  })
})
