import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { BROKER_LIMITS } from '../../src/broker/broker-limits.ts'
import { type BrokerStand, Bystander, brokerStand, topicOf } from './fixtures/broker-stand.ts'
import { connectPacket, publishPacket, RawLine, subscribePacket } from './fixtures/raw-line.ts'

const STEP_MS = 10

/** Says `bytes` piece by piece with `everyMs` of the broker's time between them. */
function drip(stand: BrokerStand, line: RawLine, bytes: Uint8Array, everyMs: number, pieceBytes = 1): void {
  let at = 0
  const timer = setInterval(() => {
    line.write(bytes.subarray(at, at + pieceBytes))
    at += pieceBytes
    stand.skip(everyMs)
  }, STEP_MS)
  void line.closed.then(() => clearInterval(timer))
}

/** A bystander goes about its work until the line has ended. */
async function workUntil(bystander: Bystander, isOver: () => boolean): Promise<void> {
  do expect(await bystander.roundTrip()).toBeGreaterThan(0)
  while (!isOver())
}

async function workMeanwhile(bystander: Bystander, line: RawLine): Promise<void> {
  let isClosed = false
  void line.closed.then(() => {
    isClosed = true
  })
  await workUntil(bystander, () => isClosed)
}

describe('a line that is never done with what it began', () => {
  it('is ended where it says nothing at all', async () => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const line = RawLine.tcp(stand.port)
    drip(stand, line, new Uint8Array(0), 1000)
    await workMeanwhile(bystander, line)
    await stand.refused('handshake-slow')
  })

  it('is ended in the TLS handshake', async () => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const line = RawLine.tcp(stand.port)
    drip(stand, line, Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), Buffer.alloc(190, 7)]), 1000)
    await workMeanwhile(bystander, line)
    await stand.refused('handshake-slow')
  })

  it.each([
    ['before CONNECT', new Uint8Array(0)],
    ['in CONNECT', generate(connectPacket('door'.repeat(50)))],
  ])('is ended %s', async (_title, bytes) => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const line = RawLine.tls(stand.port, await stand.enrol('door'))
    await line.secured()
    drip(stand, line, bytes, 1000)
    await workMeanwhile(bystander, line)
    await stand.refused('connect-slow')
  })

  it.each([
    ['in the middle of a packet', Buffer.concat([Buffer.from([0x32, 0xff, 0x01]), Buffer.alloc(255)])],
    ['in the length of a packet', Buffer.from([0x32])],
  ])('is ended %s', async (_title, bytes) => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const line = await RawLine.open(stand.port, await stand.enrol('door'))
    drip(stand, line, bytes, 1000)
    await workMeanwhile(bystander, line)
    await stand.refused('packet-slow')
  })

  it('has more time the longer its packet is, as a slow network needs', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const records = topicOf(door, 'records')
    const packet = generate(publishPacket(records, Buffer.alloc(40_000)))
    const heard = new Promise<number>(resolve => {
      void stand.broker.postman.subscribe(records, async ({ payload }) => resolve(payload.length))
    })
    const slow = await RawLine.open(stand.port, door)
    drip(stand, slow, packet, 700, 1024) // 28 s for 40 KB, and it has ten and twenty
    expect(await heard).toBe(40_000)
    slow.socket.destroy()

    const slower = await RawLine.open(stand.port, door)
    drip(stand, slower, packet, 900, 1024)
    await slower.closed
    await stand.refused('packet-slow')
  })
})

describe('a reader that does not read', () => {
  const letter = Buffer.alloc(400_000, 1)

  async function deafLine(stand: BrokerStand): Promise<string> {
    const door = await stand.enrol('door')
    const line = await RawLine.open(stand.port, door)
    line.say(subscribePacket(topicOf(door, 'receipts')))
    await line.hear()
    line.socket.pause()
    return topicOf(door, 'receipts')
  }

  it('is cut when too much waits for it, and nobody has waited for it by then', async () => {
    const device = { ...BROKER_LIMITS.device, outgoingBytes: 1_000_000 }
    const stand = await brokerStand({ limits: { device } })
    const topic = await deafLine(stand)
    const bystander = await Bystander.on(stand)
    let longestMs = 0
    while (stand.broker.isConnected('door')) {
      const startedMs = performance.now()
      await stand.broker.postman.publish(topic, letter, { qos: 1, retain: false })
      longestMs = Math.max(longestMs, performance.now() - startedMs)
      await bystander.roundTrip()
    }
    expect(longestMs).toBeLessThan(5000) // the broker's own patience is four times that
    await stand.refused('slow-subscriber')
  })

  it('is cut when it has taken nothing for too long, however little waits', async () => {
    const device = { ...BROKER_LIMITS.device, outgoingBytes: 100_000_000 }
    const stand = await brokerStand({ limits: { device } })
    const topic = await deafLine(stand)
    const bystander = await Bystander.on(stand)
    // more than the kernel takes for it, less than the broker would keep
    for (let turn = 0; turn < 20; turn++) await stand.broker.postman.publish(topic, letter, { qos: 0, retain: false })
    await bystander.roundTrip()
    expect(stand.broker.isConnected('door')).toBe(true)
    stand.skip(BROKER_LIMITS.drainMs + 1)
    await workUntil(bystander, () => !stand.broker.isConnected('door'))
    await stand.refused('slow-subscriber')
  })
})

describe('whoever is connected', () => {
  it('is cut when its certificate runs out', async () => {
    let nowMs = Date.now()
    const stand = await brokerStand({ nowMs: () => nowMs })
    const line = await RawLine.open(stand.port, await stand.enrol('door'))
    nowMs += 91 * 86_400_000
    await line.closed
    await stand.refused('certificate-expired')
  })

  it('is cut when its token is withdrawn', async () => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const tool = await stand.tool()
    const closed = new Promise<void>(resolve => tool.once('close', () => resolve()))
    stand.registry.withdrawToken('grafana')
    await closed
    await stand.refused('token-bad')
    await bystander.roundTrip()
  })
})
