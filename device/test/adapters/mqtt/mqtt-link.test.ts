import { type DeviceChannel, deviceTopic, utf8 } from '@ankang/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { MqttLink } from '../../../src/adapters/mqtt/mqtt-link.ts'
import { linkContract } from '../../contracts/link-contract.ts'
import { loopbackBroker } from '../../fixtures/loopback-broker.ts'

const ADDRESS = { site: 'hall', device: 'door-1' }

function linkTo(host: string): MqttLink {
  const link = new MqttLink({
    url: `mqtt://${host}`,
    address: ADDRESS,
    listen: ['receipts', 'commands'],
    material: null,
    random: () => 0,
  })
  onTestFinished(() => link.close())
  return link
}

/** Each order has a topic of its own. */
const topicOf = (channel: DeviceChannel): string =>
  deviceTopic(ADDRESS, channel, channel === 'results' || channel === 'commands' ? 'order-1' : undefined)

linkContract('the MQTT link', async () => {
  const { host, up, down, arrived, publish } = await loopbackBroker()
  return {
    link: linkTo(host),
    up,
    down,
    deliver: (channel, payload) => publish(topicOf(channel), payload),
    arrived: (channel, count) => arrived(topicOf(channel), count),
  }
})

describe('the MQTT link', () => {
  it('leaves word that it is lost when its line is cut', async () => {
    const { host, up, down, arrived } = await loopbackBroker()
    const link = linkTo(host)
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
    const { host, up, publish } = await loopbackBroker()
    const link = linkTo(host)
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
    const { host, up } = await loopbackBroker()
    const words: string[] = []
    const link = linkTo(host)
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

  it('hears orders, each on a topic of its own', async () => {
    const { host, up, publish } = await loopbackBroker()
    const link = linkTo(host)
    const heard = new Promise<string>(resolve =>
      link.open({
        onUp: () => void publish(deviceTopic(ADDRESS, 'commands', 'order-7'), utf8('open')),
        onDown: () => undefined,
        onMessage: (channel, payload) => resolve(`${channel}: ${Buffer.from(payload)}`),
      }),
    )
    await up()
    expect(await heard).toBe('commands: open')
  })

  it.each(['http://x', 'mqtts://127.0.0.1:1', 'x'])('refuses %s as an address without TLS', url => {
    expect(() => new MqttLink({ url, address: ADDRESS, listen: [], material: null, random: () => 0 })).toThrow(
      /expected mqtt:\/\/host:port/,
    )
  })
})
