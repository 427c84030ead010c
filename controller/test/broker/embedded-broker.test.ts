import { once } from 'node:events'
import { connect as connectSocket, createServer } from 'node:net'
import { EnvironmentError } from '@ankang/protocol'
import { connectAsync, type MqttClient } from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MAX_PACKET_BYTES, startEmbeddedBroker } from '../../src/broker/embedded-broker.ts'
import { RecordedLog } from '../fixtures/recorded-log.ts'
import { postmanContract } from './postman-contract.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0, fallback: false }

async function runningBroker(log = new RecordedLog()) {
  const broker = await startEmbeddedBroker(LOOPBACK, log)
  onTestFinished(() => broker.close())
  return broker
}

async function connected(url: string): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 0 })
  onTestFinished(() => client.endAsync(true))
  return client
}

describe('the postman of the embedded broker', () => {
  postmanContract(async () => (await runningBroker()).postman)

  it('goes on after a handler that failed, and says so', async () => {
    const log = new RecordedLog()
    const { postman } = await runningBroker(log)
    const heard: number[] = []
    await postman.subscribe('a', async ({ payload }) => {
      heard.push(payload[0] ?? -1)
      if (heard.length === 1) throw new RangeError('this handler has a fault')
    })
    for (const byte of [1, 2]) await postman.publish('a', Uint8Array.of(byte), { qos: 0, retain: false })
    expect(heard).toEqual([1, 2])
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { topic: 'a', detail: 'this handler has a fault' } }),
    )
  })
})

describe('the embedded broker', () => {
  it('carries letters between an MQTT client and this program, both ways', async () => {
    const { postman, url } = await runningBroker()
    const client = await connected(url)
    const heard = new Promise<string>(resolve => {
      void postman.subscribe('ankang/v1/+/+/health', async ({ topic }) => resolve(topic))
    })
    await client.subscribeAsync('to/client', { qos: 1 })
    const answer = new Promise<readonly [string, Buffer]>(resolve => {
      client.once('message', (topic, payload) => resolve([topic, payload]))
    })
    await client.publishAsync('ankang/v1/hall/door/health', '{}', { qos: 1 })
    await postman.publish('to/client', Uint8Array.of(0, 255), { qos: 1, retain: false })
    expect(await heard).toBe('ankang/v1/hall/door/health')
    const [topic, payload] = await answer
    expect([topic, [...payload]]).toEqual(['to/client', [0, 255]])
  })

  it('keeps clients out of $SYS', async () => {
    const { postman, url } = await runningBroker()
    const heard: string[] = []
    await postman.subscribe('$SYS/#', async ({ topic }) => {
      heard.push(topic)
    })
    const client = await connected(url)
    const closed = new Promise<void>(resolve => {
      client.once('close', () => resolve())
    })
    client.publish('$SYS/anything', 'x')
    await closed
    expect(heard.filter(topic => topic === '$SYS/anything')).toEqual([])
  })

  it('ends a connection at a packet over the limit, and goes on with the others', async () => {
    const log = new RecordedLog()
    const broker = await startEmbeddedBroker(LOOPBACK, log)
    onTestFinished(() => broker.close())
    const good = await connected(broker.url)
    const bad = await connected(broker.url)
    const closed = new Promise<void>(resolve => {
      bad.once('error', () => resolve())
      bad.once('close', () => resolve())
    })
    bad.publish('a', Buffer.alloc(MAX_PACKET_BYTES + 1))
    await closed
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ detail: expect.stringContaining('at most') }),
      }),
    )
    await good.publishAsync('a', Buffer.alloc(MAX_PACKET_BYTES - 100), { qos: 1 })
  })

  it('survives bytes that are no MQTT', async () => {
    const { url } = await runningBroker()
    const socket = connectSocket(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => socket.destroy())
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await once(socket, 'close')
    expect((await connected(url)).connected).toBe(true)
  })

  it('takes the next free port when the wanted one is taken, and says so when it may not', async () => {
    const squatter = createServer()
    await new Promise<void>(resolve => squatter.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>(resolve => squatter.close(() => resolve())))
    const address = squatter.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0

    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port, fallback: true }, new RecordedLog())
    onTestFinished(() => broker.close())
    expect(Number(new URL(broker.url).port)).toBeGreaterThan(port)
    const refused = startEmbeddedBroker({ host: '127.0.0.1', port, fallback: false }, new RecordedLog())
    await expect(refused).rejects.toThrow(EnvironmentError)
    await expect(refused).rejects.toThrow(/"fallback": true/)
  })
})
