import { createServer } from 'node:net'
import { EnvironmentError, UsageError } from '@ankang/protocol'
import { connectAsync } from 'mqtt'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startEmbeddedBroker } from '../../src/broker/embedded-broker.ts'
import { Refusals } from '../../src/refusals.ts'
import { RecordedLog } from '../fixtures/recorded-log.ts'
import { Bystander, brokerStand, LOOPBACK, TOKEN, topicOf, WAIT } from './fixtures/broker-stand.ts'
import { connectPacket, RawLine } from './fixtures/raw-line.ts'
import { postmanContract } from './postman-contract.ts'

describe('the postman of the embedded broker', () => {
  postmanContract(async () => (await brokerStand()).broker.postman)

  it('goes on after a handler that failed, and says so', async () => {
    const { broker, log } = await brokerStand()
    const heard: number[] = []
    await broker.postman.subscribe('a', async ({ payload }) => {
      heard.push(payload[0] ?? -1)
      if (heard.length === 1) throw new RangeError('this handler has a fault')
    })
    for (const byte of [1, 2]) await broker.postman.publish('a', Uint8Array.of(byte), { qos: 0, retain: false })
    expect(heard).toEqual([1, 2])
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { topic: 'a', detail: 'this handler has a fault' } }),
    )
  })

  it('lets more handlers publish at once than the broker used to have room for', async () => {
    const { broker } = await brokerStand()
    let answers = 0
    await broker.postman.subscribe('answers', async () => {
      answers++
    })
    await broker.postman.subscribe('questions', ({ payload }) =>
      broker.postman.publish('answers', payload, { qos: 1, retain: false }),
    )
    await Promise.all(
      Array.from({ length: 500 }, () =>
        broker.postman.publish('questions', Uint8Array.of(1), { qos: 1, retain: false }),
      ),
    )
    expect(answers).toBe(500)
  })
})

describe('the embedded broker', () => {
  it('carries letters between a device and this program, both ways', async () => {
    const stand = await brokerStand()
    expect(await (await Bystander.on(stand)).roundTrip()).toBeGreaterThan(0)
  })

  it('hands over every letter though those that are retained take longer on their way through it', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const client = await stand.connect(door)
    const heard: string[] = []
    client.on('message', topic => heard.push(topic))
    const desired = topicOf(door, 'receipts').replace('receipts', 'desired')
    await client.subscribeAsync([topicOf(door, 'receipts'), desired], { qos: 1 })
    const { postman } = stand.broker
    await Promise.all([
      postman.publish(desired, Uint8Array.of(1), { qos: 1, retain: true }),
      postman.publish(topicOf(door, 'receipts'), Uint8Array.of(2), { qos: 1, retain: false }),
      postman.publish(topicOf(door, 'receipts'), Uint8Array.of(3), { qos: 0, retain: false }),
    ])
    await vi.waitFor(
      () => expect(heard.toSorted()).toEqual([desired, ...Array(2).fill(topicOf(door, 'receipts'))].toSorted()),
      WAIT,
    )
  })

  it('says which devices are on a line, and counts the lines', async () => {
    const stand = await brokerStand()
    const client = await stand.connect(await stand.enrol('door'))
    await stand.tool()
    expect(stand.broker.isConnected('door')).toBe(true)
    expect(stand.broker.connections()).toBe(2)
    await client.endAsync()
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(false), WAIT)
    await vi.waitFor(() => expect(stand.broker.connections()).toBe(1), WAIT)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async version => {
    const stand = await brokerStand()
    const line = RawLine.tls(stand.port, await stand.enrol('door'), { minVersion: version, maxVersion: version })
    line.say(connectPacket('door'))
    expect(await line.hear()).toMatchObject({ cmd: 'connack', returnCode: 0 })
  })

  it('does not speak TLS 1.1', async () => {
    const stand = await brokerStand()
    const line = RawLine.tls(stand.port, await stand.enrol('door'), {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await line.closed
    await stand.refused('handshake-failed')
  })

  it('resumes no session: who connects again proves its key again', async () => {
    const stand = await brokerStand()
    const identity = await stand.enrol('door')
    const first = RawLine.tls(stand.port, identity, { maxVersion: 'TLSv1.2' })
    await first.secured()
    const session =
      'getSession' in first.socket ? (first.socket as import('node:tls').TLSSocket).getSession() : undefined
    const second = RawLine.tls(stand.port, identity, {
      maxVersion: 'TLSv1.2',
      ...(session === undefined ? {} : { session }),
    })
    await second.secured()
    expect((second.socket as import('node:tls').TLSSocket).isSessionReused()).toBe(false)
  })

  it('shows a renewed certificate from the next handshake on, and keeps the lines there are', async () => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const renewed = await stand.house.renewedServer()
    stand.broker.replaceCertificate(renewed)
    const line = RawLine.tls(stand.port, await stand.enrol('door'))
    await line.secured()
    const shown = (line.socket as import('node:tls').TLSSocket).getPeerX509Certificate()
    expect(shown?.toString()).toBe(renewed.certificatePem)
    await bystander.roundTrip()
    await stand.connect(await stand.enrol('door-2'))
  })

  it('takes tools on the plain listener, and there is none unless asked for', async () => {
    expect((await brokerStand()).broker.plainUrl).toBeNull()
    const stand = await brokerStand({ plain: LOOPBACK })
    const url = stand.broker.plainUrl ?? ''
    expect(url).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/)
    const tool = await connectAsync(url, { reconnectPeriod: 0, username: TOKEN.name, password: TOKEN.token }, false)
    onTestFinished(() => tool.endAsync(true))
    const device = connectAsync(url, { reconnectPeriod: 0, clientId: 'door' }, false)
    await expect(device).rejects.toThrow(/Not authorized/)
    await stand.refused('certificate-missing')
  })

  it('is plain on loopback alone', async () => {
    const started = brokerStand({ plain: { host: '0.0.0.0', port: 0, fallback: false } })
    await expect(started).rejects.toThrow(UsageError)
    await expect(started).rejects.toThrow(/loopback/)
  })

  it('takes the next free port when the wanted one is taken, and says so when it may not', async () => {
    const squatter = createServer()
    await new Promise<void>(resolve => squatter.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise<void>(resolve => squatter.close(() => resolve())))
    const address = squatter.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { house, registry } = await brokerStand()
    const log = new RecordedLog()
    const parts = {
      tls: { ...house.server, caPem: house.ca },
      gate: registry,
      tokens: registry,
      refusals: new Refusals(log),
      log,
      nowMs: Date.now,
    }
    const broker = await startEmbeddedBroker({ ...parts, address: { host: '127.0.0.1', port, fallback: true } })
    onTestFinished(() => broker.close())
    expect(Number(new URL(broker.url).port)).toBeGreaterThan(port)
    const refused = startEmbeddedBroker({ ...parts, address: { host: '127.0.0.1', port, fallback: false } })
    await expect(refused).rejects.toThrow(EnvironmentError)
    await expect(refused).rejects.toThrow(/"fallback": true/)
  })
})
