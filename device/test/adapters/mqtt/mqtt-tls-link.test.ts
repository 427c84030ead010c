import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type DeviceChannel, deviceTopic, EnvironmentError } from '@ankang/protocol'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type LineMaterial, MAX_PACKET_BYTES } from '../../../src/adapters/mqtt/line-stream.ts'
import { LINK_RETRIES, MqttLink } from '../../../src/adapters/mqtt/mqtt-link.ts'
import { linkContract } from '../../contracts/link-contract.ts'
import { loopbackBroker } from '../../fixtures/loopback-broker.ts'
import { type KeyAndCertificate, makeAuthority, type TestAuthority } from '../../fixtures/test-authority.ts'

const ADDRESS = { site: 'hall', device: 'door-1' }
const CONNACK = [0x20, 2, 0, 0]

let county: TestAuthority
let server: KeyAndCertificate
let client: LineMaterial

beforeAll(async () => {
  county = await makeAuthority()
  server = await county.server(['127.0.0.1', 'localhost'])
  client = { ca: county.ca, ...(await county.client('door-1')) }
})

/** How a broker that wants certificates stands there. */
const strict = (own: KeyAndCertificate, authority: TestAuthority) => ({
  cert: own.certificate,
  key: own.key,
  ca: [authority.ca],
  requestCert: true,
  rejectUnauthorized: true,
})

function linkTo(host: string, material: () => LineMaterial = () => client): MqttLink {
  const url = `mqtts://${host}`
  const link = new MqttLink({ url, address: ADDRESS, listen: ['receipts', 'commands'], material, random: () => 0 })
  onTestFinished(() => link.close())
  return link
}

/** Opens the link; resolves with its first word. */
function firstWord(link: MqttLink): Promise<string> {
  return new Promise(resolve =>
    link.open({ onUp: () => resolve('up'), onDown: resolve, onMessage: () => resolve('a message') }),
  )
}

const topicOf = (channel: DeviceChannel): string =>
  deviceTopic(ADDRESS, channel, channel === 'results' || channel === 'commands' ? 'order-1' : undefined)

linkContract('the MQTT link over TLS', async () => {
  const { host, up, down, arrived, publish } = await loopbackBroker(strict(server, county))
  return {
    link: linkTo(host),
    up,
    down,
    deliver: (channel, payload) => publish(topicOf(channel), payload),
    arrived: (channel, count) => arrived(topicOf(channel), count),
  }
})

describe('the MQTT link over TLS', () => {
  it('connects by name where the name stands in the broker’s certificate', async () => {
    const { port, up } = await loopbackBroker(strict(server, county))
    await up()
    expect(await firstWord(linkTo(`localhost:${port}`))).toBe('up')
  })

  it('says nothing to a broker whose certificate is by another authority, also one of the same name', async () => {
    const impostor = await makeAuthority()
    const { host, up, shown } = await loopbackBroker(strict(await impostor.server(['127.0.0.1']), county))
    await up()
    expect(await firstWord(linkTo(host))).toMatch(/certificate/)
    expect(shown).toEqual([])
  })

  it('says nothing to a broker that has a good certificate for another place', async () => {
    const elsewhere = await county.server(['10.9.8.7', 'elsewhere.example'])
    const { host, up, shown } = await loopbackBroker(strict(elsewhere, county))
    await up()
    expect(await firstWord(linkTo(host))).toMatch(/127\.0\.0\.1 is not in the cert's list/)
    expect(shown).toEqual([])
  })

  it('speaks no TLS older than 1.2', async () => {
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const { host, up, shown } = await loopbackBroker({ ...strict(server, county), ...old })
    await up()
    expect(await firstWord(linkTo(host))).not.toBe('up')
    expect(shown).toEqual([])
  })

  it('is refused by a broker that does not know its authority', async () => {
    const other = await makeAuthority('another county')
    const { host, up } = await loopbackBroker(strict(server, other))
    await up()
    expect(await firstWord(linkTo(host))).not.toBe('up')
  })

  it('shows a renewed certificate at its next connection, and makes one when it is asked to', async () => {
    const { host, up, shown } = await loopbackBroker(strict(server, county))
    await up()
    let material = client
    const link = linkTo(host, () => material)
    let ups = 0
    let wake = (): void => undefined
    link.open({
      onUp: () => {
        ups++
        wake()
      },
      onDown: () => undefined,
      onMessage: () => undefined,
    })
    const untilUp = async (times: number) => {
      while (ups < times)
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
    await untilUp(1)
    material = { ca: county.ca, ...(await county.client('door-1')) }
    link.reconnect()
    await untilUp(2)
    expect(new Set(shown).size).toBe(2)
  })

  it('goes on trying while its certificate cannot be read, and says so', async () => {
    const { host, up } = await loopbackBroker(strict(server, county))
    await up()
    let tries = 0
    const link = linkTo(host, () => {
      if (++tries < 3) throw new EnvironmentError('file-unreadable', 'client.crt is gone', { retryable: true })
      return client
    })
    const words: string[] = []
    await new Promise<void>(resolve =>
      link.open({ onUp: resolve, onDown: detail => words.push(detail), onMessage: () => undefined }),
    )
    expect(words).toEqual(['client.crt is gone'])
  })

  it('waits no longer for its next try when it is asked to connect anew', async () => {
    const { host, up } = await loopbackBroker(strict(server, county))
    const url = `mqtts://${host}`
    const link = new MqttLink({
      url,
      address: ADDRESS,
      listen: ['receipts'],
      material: () => client,
      random: () => 0.999,
    })
    onTestFinished(() => link.close())
    const words: string[] = []
    let wake = (): void => undefined
    const hear = (word: string) => {
      words.push(word)
      wake()
    }
    link.open({ onUp: () => hear('up'), onDown: () => hear('down'), onMessage: () => undefined })
    while (words.length < 1)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    await up()
    const askedMs = performance.now()
    link.reconnect()
    while (words.length < 2)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    expect(words).toEqual(['down', 'up'])
    expect(performance.now() - askedMs).toBeLessThan(LINK_RETRIES.firstMs * 0.9)
  })

  it('refuses to be opened plainly where it has a certificate', () => {
    const options = { url: 'mqtt://127.0.0.1:1', address: ADDRESS, listen: [], material: () => client, random: () => 0 }
    expect(() => new MqttLink(options)).toThrow(/expected mqtts:\/\/host:port/)
  })
})

/** Takes every connection, says these bytes, and waits. Resolves `ended` once the other side has gone. */
async function hostileBroker(bytes: readonly number[]) {
  const listening = createServer()
  const ended = new Promise<void>(resolve => {
    listening.on('connection', socket => {
      socket.on('error', () => undefined) // cut off, as it should be
      socket.on('close', () => resolve())
      socket.once('data', () => socket.write(Uint8Array.from(bytes)))
      socket.resume()
    })
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => void listening.close())
  return { url: `mqtt://127.0.0.1:${(listening.address() as AddressInfo).port}`, ended }
}

describe('the MQTT link, before a hostile broker', () => {
  const topic = [0, 1, 0x74]

  it.each<[string, readonly number[], RegExp]>([
    ['announces 256 MB', [0x30, 0xff, 0xff, 0xff, 0x7f, ...topic], new RegExp(`more than ${MAX_PACKET_BYTES} bytes`)],
    ['announces a length that is none', [0x30, 0xff, 0xff, 0xff, 0xff, 0x01], /more than/],
    ['sends QoS 2, to be kept', [0x34, 6, ...topic, 0, 1, 0x78], /QoS 2, unasked/],
  ])('cuts the line when it %s', async (_, said, detail) => {
    const { url, ended } = await hostileBroker([...CONNACK, ...said])
    const link = new MqttLink({ url, address: ADDRESS, listen: ['receipts'], material: null, random: () => 0.99 })
    onTestFinished(() => link.close())
    expect(await firstWord(link)).toMatch(detail)
    await ended
  })
})
