import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { deviceTopic, utf8 } from '@ankang/protocol'
import { Aedes } from 'aedes'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MqttLink } from '../../../src/adapters/mqtt/mqtt-link.ts'
import { linkContract } from '../../contracts/link-contract.ts'

const ADDRESS = { site: 'hall', device: 'door-1' }

/** A broker on loopback whose line can be cut; it comes back on the same port. */
async function loopbackBroker() {
  const broker = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const messages: { topic: string; payload: Buffer }[] = []
  let wake = (): void => undefined
  broker.on('publish', ({ topic, payload }) => {
    messages.push({ topic, payload: Buffer.from(payload) })
    wake()
  })
  let server: Server | null = null
  let port = 0
  const up = async () => {
    server = createServer(socket => {
      sockets.add(socket)
      broker.handle(socket)
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const down = async () => {
    const closing = server === null ? null : once(server, 'close')
    server?.close()
    for (const socket of sockets) socket.destroy()
    sockets.clear()
    server = null
    await closing
  }
  onTestFinished(async () => {
    await down()
    await new Promise<void>(resolve => broker.close(() => resolve()))
  })
  // The port is known only once it was taken: it is, and given back.
  await up()
  await down()
  const arrived = async (topic: string, count: number) => {
    const those = () => messages.filter(message => message.topic === topic).map(({ payload }) => payload)
    while (those().length < count)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    return those()
  }
  const publish = (topic: string, payload: Uint8Array) =>
    new Promise<void>((resolve, reject) =>
      broker.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, dup: false, retain: false },
        error => (error ? reject(error) : resolve()),
      ),
    )
  return { url: `mqtt://127.0.0.1:${port}`, up, down, arrived, publish }
}

function linkTo(url: string): MqttLink {
  const link = new MqttLink({ url, address: ADDRESS, listen: ['receipts'], random: () => 0 })
  onTestFinished(() => link.close())
  return link
}

linkContract('the MQTT link', async () => {
  const { url, up, down, arrived, publish } = await loopbackBroker()
  return {
    link: linkTo(url),
    up,
    down,
    deliver: (channel, payload) => publish(deviceTopic(ADDRESS, channel), payload),
    arrived: (channel, count) => arrived(deviceTopic(ADDRESS, channel), count),
  }
})

describe('the MQTT link', () => {
  it('leaves word that it is lost when its line is cut', async () => {
    const { url, up, down, arrived } = await loopbackBroker()
    const link = linkTo(url)
    const isUp = new Promise<void>(resolve =>
      link.open({ onUp: resolve, onDown: () => undefined, onMessage: () => undefined }),
    )
    await up()
    await isUp
    await down()
    const [will] = await arrived(deviceTopic(ADDRESS, 'state'), 1)
    expect(JSON.parse(String(will))).toEqual({ state: 'lost' })
  })

  it('hears nothing that is said to another device', async () => {
    const { url, up, publish } = await loopbackBroker()
    const link = linkTo(url)
    const heard: string[] = []
    let isHeard = (): void => undefined
    const own = new Promise<void>(resolve => {
      isHeard = resolve
    })
    const isUp = new Promise<void>(resolve =>
      link.open({
        onUp: resolve,
        onDown: () => undefined,
        onMessage: (_, payload) => {
          heard.push(Buffer.from(payload).toString())
          isHeard()
        },
      }),
    )
    await up()
    await isUp
    await publish(deviceTopic({ ...ADDRESS, device: 'door-2' }, 'receipts'), utf8('theirs'))
    await publish(deviceTopic(ADDRESS, 'receipts'), utf8('mine'))
    await own
    expect(heard).toEqual(['mine'])
  })

  it('says once that it cannot connect, however often it tries, and connects when it can', async () => {
    const { url, up } = await loopbackBroker()
    const words: string[] = []
    const link = linkTo(url)
    const tried = new Promise<void>(resolve => {
      const attempts = vi.spyOn(link, 'open')
      link.open({
        onUp: () => words.push('up'),
        onDown: () => words.push('down'),
        onMessage: () => undefined,
      })
      const watch = (): void => void (attempts.mock.calls.length >= 3 ? resolve() : setImmediate(watch))
      watch()
    })
    await tried
    expect(words).toEqual(['down'])
    await up()
    await vi.waitFor(() => expect(words).toEqual(['down', 'up']), { timeout: 10_000 })
  })

  it('refuses an address that is none', () => {
    expect(() => new MqttLink({ url: 'http://x', address: ADDRESS, listen: [], random: () => 0 })).toThrow(
      /expected mqtt:\/\/host:port/,
    )
  })
})
