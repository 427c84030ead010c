import { describe, expect, it, vi } from 'vitest'
import { type BrokerStand, brokerStand, topicOf, WAIT } from './fixtures/broker-stand.ts'
import { Mosquitto } from './fixtures/mosquitto.ts'
import { connectPacket, publishPacket, RawLine, subscribePacket } from './fixtures/raw-line.ts'

/* What MQTT 3.1.1 promises, over TLS with Mosquitto's own clients: the cases of the paho interoperability suite. */

const LOST = '{"state":"lost"}'
const READY = '{"state":"ready"}'

/** What a tool hears from now on, as `topic payload`. */
async function overhear(stand: BrokerStand): Promise<string[]> {
  const heard: string[] = []
  const tool = await stand.tool()
  tool.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
  await tool.subscribeAsync('ankang/v1/#', { qos: 1 })
  return heard
}

describe('a retained letter', () => {
  it('is given to those who come later, until an empty one clears it', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'state')
    expect(await Mosquitto.pub(stand, door, '-t', topic, '-m', READY, '-q', '1', '-r')).toMatchObject({ code: 0 })
    const first = await Mosquitto.tool(stand, '-t', 'ankang/v1/#', '-C', '1', '-F', '%t %p %r').finished
    expect(first.lines).toEqual([`${topic} ${READY} 1`])

    expect(await Mosquitto.pub(stand, door, '-t', topic, '-n', '-q', '1', '-r')).toMatchObject({ code: 0 })
    const heard = await overhear(stand)
    await Mosquitto.pub(stand, door, '-t', topicOf(door, 'health'), '-m', '{}')
    await vi.waitFor(() => expect(heard).toEqual([`${topicOf(door, 'health')} {}`]), WAIT)
  })
})

describe('a will', () => {
  it('is published when the line breaks', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'state')
    const heard = await overhear(stand)
    const will = ['--will-topic', topic, '--will-payload', LOST, '--will-qos', '1', '--will-retain']
    const device = Mosquitto.sub(stand, door, '-t', topicOf(door, 'receipts'), ...will)
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(true), WAIT)
    device.process.kill('SIGKILL')
    await vi.waitFor(() => expect(heard).toEqual([`${topic} ${LOST}`]), WAIT)
  })

  it('is not published when the device says goodbye', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const heard = await overhear(stand)
    const will = ['--will-topic', topicOf(door, 'state'), '--will-payload', LOST]
    for (const text of ['{"a":1}', '{"a":2}'])
      await Mosquitto.pub(stand, door, '-t', topicOf(door, 'health'), '-m', text, '-q', '1', ...will)
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(false), WAIT)
    await vi.waitFor(() => expect(heard).toHaveLength(2), WAIT)
    expect(heard.filter(line => line.includes('lost'))).toEqual([])
  })

  it('is published when a device falls silent for longer than its keep-alive', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const heard = await overhear(stand)
    const will = { topic: topicOf(door, 'state'), payload: Buffer.from(LOST), qos: 1, retain: true }
    const line = await RawLine.open(stand.port, door, { keepalive: 1, will })
    await line.closed
    await vi.waitFor(() => expect(heard).toEqual([`${will.topic} ${LOST}`]), WAIT)
  })
})

describe('a device that comes again while its old line still stands', () => {
  it('takes its place, and its state is what it says then, not what the old line left', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'state')
    const will = { topic, payload: Buffer.from(LOST), qos: 1, retain: true }
    const old = await RawLine.open(stand.port, door, { will })
    const renewed = await RawLine.open(stand.port, door, { will })
    renewed.say(publishPacket(topic, READY, { retain: true }))
    expect(await renewed.hear()).toMatchObject({ cmd: 'puback' })
    await old.closed
    const heard = await overhear(stand)
    await vi.waitFor(() => expect(heard).toEqual([`${topic} ${READY}`]), WAIT)
    expect(stand.broker.isConnected('door')).toBe(true)
  })

  it('is not what a tool can be that calls itself by the device’s name', async () => {
    const stand = await brokerStand()
    const line = await RawLine.open(stand.port, await stand.enrol('door'))
    const tool = await stand.tool({ clientId: 'door' })
    await tool.subscribeAsync('ankang/v1/#')
    line.say({ cmd: 'pingreq' })
    expect(await line.hear()).toMatchObject({ cmd: 'pingresp' })
    expect(stand.broker.isConnected('door')).toBe(true)
  })
})

describe('a session that is kept', () => {
  const keeping = { clean: false }

  it('gives an absent device its letters of QoS 1 in order when it comes back', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'receipts')
    const args = ['-c', '-q', '1', '-t', topic]
    expect(await Mosquitto.sub(stand, door, ...args, '-E').finished).toMatchObject({ code: 0 })
    for (const text of ['one', 'two', 'three'])
      await stand.broker.postman.publish(topic, Buffer.from(text), { qos: 1, retain: false })
    expect((await Mosquitto.sub(stand, door, ...args, '-C', '3').finished).lines).toEqual(['one', 'two', 'three'])
  })

  it('gives what was not acknowledged again, marked so, under its old number', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'receipts')
    const line = await RawLine.open(stand.port, door, keeping)
    line.say(subscribePacket(topic))
    await line.hear()
    await stand.broker.postman.publish(topic, Buffer.from('once'), { qos: 1, retain: false })
    const first = await line.hear()
    expect(first).toMatchObject({ cmd: 'publish', qos: 1, dup: false })
    line.socket.destroy()
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(false), WAIT)

    const again = RawLine.tls(stand.port, door)
    again.say(connectPacket('door', keeping))
    expect(await again.hear()).toMatchObject({ cmd: 'connack', returnCode: 0, sessionPresent: true })
    const second = await again.hear()
    expect(second).toMatchObject({ cmd: 'publish', qos: 1, dup: true, messageId: first?.messageId })
    again.say({ cmd: 'puback', messageId: second?.messageId ?? 0 })
    again.say({ cmd: 'pingreq' })
    expect(await again.hear()).toMatchObject({ cmd: 'pingresp' })
    again.socket.destroy()
    const third = RawLine.tls(stand.port, door)
    third.say(connectPacket('door', keeping))
    await third.hear()
    third.say({ cmd: 'pingreq' })
    expect(await third.hear()).toMatchObject({ cmd: 'pingresp' })
  })

  it('is over once the device begins a clean one', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'receipts')
    await Mosquitto.sub(stand, door, '-c', '-q', '1', '-t', topic, '-E').finished
    await stand.broker.postman.publish(topic, Buffer.from('old'), { qos: 1, retain: false })
    ;(await RawLine.open(stand.port, door)).socket.destroy()
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(false), WAIT)
    const line = RawLine.tls(stand.port, door)
    line.say(connectPacket('door', keeping))
    expect(await line.hear()).toMatchObject({ cmd: 'connack', sessionPresent: false })
    line.say({ cmd: 'pingreq' })
    expect(await line.hear()).toMatchObject({ cmd: 'pingresp' })
  })

  it('keeps no subscription that was refused beside one that was granted, and no letters for it', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const victim = await stand.enrol('victim')
    const line = await RawLine.open(stand.port, door, keeping)
    line.say(subscribePacket(topicOf(victim, 'receipts'), topicOf(door, 'receipts')))
    expect(await line.hear()).toMatchObject({ cmd: 'suback', granted: [128, 1] })
    line.socket.destroy()
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(false), WAIT)
    for (const whose of [victim, door])
      await stand.broker.postman.publish(topicOf(whose, 'receipts'), Buffer.from(whose.device), {
        qos: 1,
        retain: false,
      })
    const again = RawLine.tls(stand.port, door)
    again.say(connectPacket('door', keeping))
    await again.hear()
    expect(await again.hear()).toMatchObject({ cmd: 'publish', topic: topicOf(door, 'receipts') })
    expect(stand.refusals.counts()['forward-foreign']).toBeUndefined()
  })

  it('is asked again what it may hear, when the device has moved to another site', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const replay = 'ankang/v1/hall/replay'
    const line = await RawLine.open(stand.port, door, keeping)
    line.say(subscribePacket(replay))
    await line.hear()
    line.socket.destroy()
    await vi.waitFor(() => expect(stand.broker.isConnected('door')).toBe(false), WAIT)
    await stand.broker.postman.publish(replay, Buffer.from('of the old site'), { qos: 1, retain: false })
    stand.registry.enrol(door, 'mall')
    const again = RawLine.tls(stand.port, door)
    again.say(connectPacket('door', keeping))
    await again.hear()
    await stand.broker.postman.publish(replay, Buffer.from('of the old site'), { qos: 1, retain: false })
    again.say({ cmd: 'pingreq' })
    expect(await again.hear()).toMatchObject({ cmd: 'pingresp' })
    await stand.refused('subscribe-foreign')
  })

  it('holds the newest letters and no more than it may', async () => {
    const stand = await brokerStand({ limits: { sessionLetters: 3 } })
    const door = await stand.enrol('door')
    const topic = topicOf(door, 'receipts')
    const args = ['-c', '-q', '1', '-t', topic]
    await Mosquitto.sub(stand, door, ...args, '-E').finished
    for (let turn = 1; turn <= 10; turn++)
      await stand.broker.postman.publish(topic, Buffer.from(`${turn}`), { qos: 1, retain: false })
    expect((await Mosquitto.sub(stand, door, ...args, '-C', '3').finished).lines).toEqual(['8', '9', '10'])
    await stand.refused('session-queue-full')
  })

  it('is gone once the device is revoked', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    await Mosquitto.sub(stand, door, '-c', '-q', '1', '-t', topicOf(door, 'receipts'), '-E').finished
    stand.registry.revoke(door)
    stand.registry.enrol(door)
    const line = RawLine.tls(stand.port, door)
    line.say(connectPacket('door', keeping))
    expect(await line.hear()).toMatchObject({ cmd: 'connack', returnCode: 0, sessionPresent: false })
  })
})

describe('subscriptions', () => {
  it('that overlap give each letter once', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const heard: string[] = []
    const tool = await stand.tool()
    tool.on('message', (_topic, payload) => heard.push(payload.toString()))
    await tool.subscribeAsync(['ankang/v1/#', 'ankang/v1/hall/+/health', topicOf(door, 'health')], { qos: 1 })
    for (const text of ['1', '2', '3'])
      await Mosquitto.pub(stand, door, '-t', topicOf(door, 'health'), '-m', text, '-q', '1')
    await vi.waitFor(() => expect(heard).toEqual(['1', '2', '3']), WAIT)
  })

  it('end when they are given up, and make room for others', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const client = await stand.connect(door)
    for (let turn = 0; turn < 40; turn++) {
      const [{ qos } = { qos: 128 }] = await client.subscribeAsync(`ankang/v1/trust/common/${turn}`, { qos: 1 })
      expect(qos).toBe(1)
      await client.unsubscribeAsync(`ankang/v1/trust/common/${turn}`)
    }
  })
})

describe('whoever is turned away', () => {
  it('is told so in the words of MQTT', async () => {
    const stand = await brokerStand()
    const nobody = await Mosquitto.nobody(stand, '-i', 'door', '-t', 'a', '-m', 'b')
    expect(nobody.errors).toMatch(/not authorised/)
    const guess = await Mosquitto.nobody(stand, '-u', 'grafana', '-P', 'guess', '-t', 'a', '-m', 'b')
    expect(guess.errors).toMatch(/bad user name or password/i)
    const door = await stand.enrol('door')
    const foreign = await Mosquitto.pub(stand, { ...door, device: 'victim' }, '-t', 'a', '-m', 'b')
    expect(foreign.errors).toMatch(/identifier rejected/)
  })

  it('finds its line ended when it publishes what it may not, and is not told that it went well', async () => {
    const stand = await brokerStand()
    const door = await stand.enrol('door')
    const ended = await Mosquitto.pub(stand, door, '-t', 'ankang/v1/hall/victim/state', '-m', LOST, '-q', '1', '-r')
    expect(ended.code).not.toBe(0)
    await stand.refused('publish-foreign')
  })
})
