import { Worker } from 'node:worker_threads'
import { generate } from 'mqtt-packet'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BROKER_LIMITS } from '../../src/broker/broker-limits.ts'
import { type BrokerStand, Bystander, brokerStand, topicOf, WAIT } from './fixtures/broker-stand.ts'
import type { LineIdentity } from './fixtures/house.ts'
import { connectPacket, publishPacket, RawLine } from './fixtures/raw-line.ts'

const { device } = BROKER_LIMITS

/** Says as much as its line carries. */
async function flood(stand: BrokerStand, identity: LineIdentity, packet: Uint8Array): Promise<RawLine> {
  const line = await RawLine.open(stand.port, identity)
  const pump = (): void => {
    while (line.socket.writable && line.socket.write(packet));
  }
  line.socket.on('drain', pump)
  pump()
  return line
}

/** How many letters came on a topic. */
async function countOn(stand: BrokerStand, topic: string): Promise<() => number> {
  let count = 0
  await stand.broker.postman.subscribe(topic, async () => {
    count++
  })
  return () => count
}

async function work(bystander: Bystander, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) expect(await bystander.roundTrip()).toBeGreaterThan(0)
}

describe('a flood of an enrolled device', () => {
  it.each([
    ['of small packets', 10],
    ['of batches', 16_000],
  ])('%s is held back to its allowance, not cut, and another notices nothing', async (_title, bytes) => {
    const stand = await brokerStand({ frozen: true })
    const bystander = await Bystander.on(stand)
    const flooder = await stand.enrol('flooder')
    const heard = await countOn(stand, topicOf(flooder, 'records'))
    const packet = generate(publishPacket(topicOf(flooder, 'records'), Buffer.alloc(bytes)))
    const line = await flood(stand, flooder, packet)
    await vi.waitFor(() => expect(heard()).toBe(device.packets.burst), WAIT)
    await work(bystander, 20)
    expect(heard()).toBe(device.packets.burst)
    stand.skip(500)
    await vi.waitFor(() => expect(heard()).toBe(device.packets.burst + device.packets.perSecond / 2), WAIT)
    expect(line.socket.writableNeedDrain).toBe(true)
    expect(stand.broker.isConnected('flooder')).toBe(true)
  })

  it('is held back by its bytes too', async () => {
    const stand = await brokerStand({ frozen: true })
    const flooder = await stand.enrol('flooder')
    const heard = await countOn(stand, topicOf(flooder, 'records'))
    const packet = generate(publishPacket(topicOf(flooder, 'records'), Buffer.alloc(500_000)))
    await flood(stand, flooder, packet)
    const most = Math.floor(device.bytes.burst / 500_000)
    await vi.waitFor(() => expect(heard()).toBeGreaterThan(most - 2), WAIT)
    await work(await Bystander.on(stand), 20)
    expect(heard()).toBeLessThanOrEqual(most)
  })

  it('does not begin anew by connecting again', async () => {
    const stand = await brokerStand({ frozen: true })
    const flooder = await stand.enrol('flooder')
    const heard = await countOn(stand, topicOf(flooder, 'records'))
    const packet = generate(publishPacket(topicOf(flooder, 'records'), 'x'))
    const first = await flood(stand, flooder, packet)
    await vi.waitFor(() => expect(heard()).toBe(device.packets.burst), WAIT)
    first.socket.destroy()
    await flood(stand, flooder, packet)
    await work(await Bystander.on(stand), 20)
    expect(heard()).toBe(device.packets.burst)
  })

  it('waits for its own letters alone, where the centre cannot keep up with it', async () => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const flooder = await stand.enrol('flooder')
    let heard = 0
    const settle: (() => void)[] = []
    await stand.broker.postman.subscribe(topicOf(flooder, 'records'), () => {
      heard++
      return new Promise(resolve => settle.push(resolve))
    })
    await flood(stand, flooder, generate(publishPacket(topicOf(flooder, 'records'), 'x')))
    await vi.waitFor(() => expect(heard).toBe(device.inflight), WAIT)
    await work(bystander, 20)
    expect(heard).toBe(device.inflight)
    for (const one of settle.splice(0)) one()
    await vi.waitFor(() => expect(heard).toBeGreaterThan(device.inflight), WAIT)
    await work(bystander, 5)
    expect(heard).toBeLessThanOrEqual(2 * device.inflight)
  })
})

describe('a thousand connections', () => {
  it('are let into the handshake at a rate that leaves the others alone, and end', async () => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const hello = new Uint8Array(generate(connectPacket('storm')))
    const workerData = { port: stand.port, connections: 1000, hello }
    const storm = new Worker(new URL('fixtures/connection-storm.mjs', import.meta.url), { workerData })
    onTestFinished(async () => void (await storm.terminate()))
    let isOver = false
    storm.once('message', () => {
      isOver = true
    })
    const times: number[] = []
    while (!isOver) times.push(await bystander.roundTrip())
    const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]
    expect(times.length).toBeGreaterThan(50)
    expect(median).toBeLessThan(500) // milliseconds on a quiet machine
    await stand.refused('certificate-missing', 900)
  })

  it('begin no more handshakes than the rate, and take their turns with other addresses', async () => {
    const stand = await brokerStand({ frozen: true })
    let shaken = 0
    for (let turn = 0; turn < 40; turn++)
      void RawLine.tls(stand.port, null)
        .secured()
        .then(() => {
          shaken++
        })
    const { burst } = BROKER_LIMITS.handshakes
    await vi.waitFor(() => expect(shaken).toBe(burst), WAIT)
    await vi.waitFor(() => expect(stand.broker.connections()).toBe(40), WAIT)
    const other = RawLine.tls(stand.port, await stand.enrol('door'), { localAddress: '127.0.0.2' })
    const inside = other.secured()
    await vi.waitFor(() => expect(stand.broker.connections()).toBe(41), WAIT)
    for (let turn = 0; turn < 3; turn++) stand.skip(5)
    await inside
    expect(shaken).toBeLessThan(burst + 4)
  })

  it('that say nothing take no turn of those that do, and no more room than there is', async () => {
    const stand = await brokerStand({ limits: { unauthenticated: 50 } })
    const bystander = await Bystander.on(stand)
    for (let turn = 0; turn < 80; turn++) RawLine.tcp(stand.port)
    await stand.refused('too-many-unauthenticated', 30)
    await work(bystander, 10)
    expect(stand.broker.connections()).toBe(51)
    // the crowd gives one up for whoever comes from elsewhere
    const other = RawLine.tls(stand.port, await stand.enrol('door'), { localAddress: '127.0.0.2' })
    other.say(connectPacket('door'))
    expect(await other.hear()).toMatchObject({ cmd: 'connack', returnCode: 0 })
    await stand.refused('too-many-unauthenticated', 31)
  })

  it('are no more than there may be', async () => {
    const stand = await brokerStand({ limits: { connections: 5 } })
    const bystander = await Bystander.on(stand)
    for (let turn = 0; turn < 10; turn++) RawLine.tcp(stand.port)
    await stand.refused('too-many-connections', 6)
    expect(stand.broker.connections()).toBe(5)
    await bystander.roundTrip()
  })
})
