import type { Packet } from 'mqtt-packet'
import { expect, it } from 'vitest'
import type { RefusalReason } from '../../src/refusals.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'
import { type BrokerStand, Bystander, brokerStand, LIMITS, TOKEN, topicOf } from './fixtures/broker-stand.ts'
import { type LineIdentity, openHouse, selfSignedIdentity } from './fixtures/house.ts'
import { connectPacket, publishPacket, RawLine, subscribePacket } from './fixtures/raw-line.ts'

/** One attack; resolves when the broker has turned it away, and fails where it did not. */
type Attack = (stand: BrokerStand, thief: LineIdentity) => Promise<void>
type Row = readonly [title: string, reason: RefusalReason, attack: Attack]

const VICTIM = 'ankang/v1/hall/victim'

/** Knocks with that certificate and CONNECT: no CONNACK that lets in. */
const knock =
  (show: (stand: BrokerStand, thief: LineIdentity) => Promise<LineIdentity | null>, change: object = {}): Attack =>
  async (stand, thief) => {
    const line = RawLine.tls(stand.port, await show(stand, thief))
    line.say(connectPacket('thief', change))
    const answer = await line.hear()
    if (answer !== null)
      expect(answer).toMatchObject({ cmd: 'connack', returnCode: expect.toSatisfy(code => code > 0) })
    await line.closed
  }
const stolen = async (_stand: BrokerStand, thief: LineIdentity) => thief
const nothing = async () => null

/** As an enrolled device: the packet ends the line without an answer. */
const say =
  (packet: Packet, change: object = {}): Attack =>
  async (stand, thief) => {
    const line = await RawLine.open(stand.port, thief, change)
    line.say(packet)
    const answer = await line.hear()
    expect(answer).toBeNull()
  }

/** As an enrolled device: the subscription is answered with a failure. */
const ask =
  (...filters: string[]): Attack =>
  async (stand, thief) => {
    const line = await RawLine.open(stand.port, thief)
    line.say(subscribePacket(...filters))
    const answer = await line.hear()
    expect(answer).toMatchObject({ cmd: 'suback', granted: filters.map(() => 128) })
  }

const asTool =
  (act: (line: RawLine) => Promise<void>): Attack =>
  async stand => {
    const line = RawLine.tls(stand.port, null)
    line.say(connectPacket('x', { username: TOKEN.name, password: Buffer.from(TOKEN.token) }))
    expect(await line.hear()).toMatchObject({ cmd: 'connack', returnCode: 0 })
    await act(line)
  }

const withToken = { username: TOKEN.name, password: Buffer.from(TOKEN.token) }
const state = (text = '{"state":"lost"}') => ({ payload: Buffer.from(text), qos: 1, retain: true })
const oversized = Buffer.alloc(LIMITS.device.publishPacketBytes + 1)

const ROWS: readonly Row[] = [
  ['no certificate and no token', 'certificate-missing', knock(nothing)],
  ['an expired certificate', 'certificate-expired', knock(stand => stand.house.identity('thief', { daysAgo: 200 }))],
  ['a self-signed certificate', 'certificate-self-signed', knock(() => selfSignedIdentity(tempFolder(), 'thief'))],
  [
    'a certificate of another CA',
    'certificate-of-another-ca',
    knock(async () => (await openHouse(tempFolder())).identity('thief')),
  ],
  ['a server’s certificate', 'certificate-purpose', knock(stand => stand.house.serverIdentity())],
  ['a certificate nobody knows of', 'certificate-unknown', knock(stand => stand.house.identity('thief'))],
  [
    'a revoked device',
    'device-revoked',
    async (stand, thief) => {
      stand.registry.revoke(thief)
      await knock(stolen)(stand, thief)
    },
  ],
  [
    'a device that is revoked while it is connected',
    'device-revoked',
    async (stand, thief) => {
      const line = await RawLine.open(stand.port, thief)
      stand.registry.revoke(thief)
      await line.closed
      expect(stand.broker.isConnected('thief')).toBe(false)
    },
  ],
  ['another’s client id', 'client-id-foreign', knock(stolen, { clientId: 'victim' })],
  ['an empty client id', 'client-id-foreign', knock(stolen, { clientId: '' })],
  ['a token nobody gave', 'token-bad', knock(nothing, { username: TOKEN.name, password: Buffer.from('guess') })],
  ['a token named like a property of every object', 'token-bad', knock(nothing, { username: '__proto__' })],
  ['a tool that wants a session kept', 'session-forbidden', knock(nothing, { ...withToken, clean: false })],
  ['a keep-alive without end', 'keepalive-too-long', knock(stolen, { keepalive: 0 })],
  ['a will on another’s state', 'will-foreign', knock(stolen, { will: { topic: `${VICTIM}/state`, ...state() } })],
  ['a will on $SYS', 'will-foreign', knock(stolen, { will: { topic: '$SYS/broker', ...state() } })],
  [
    'a will on one of its own topics that is not its state',
    'will-foreign',
    knock(stolen, { will: { topic: 'ankang/v1/hall/thief/alarms', ...state() } }),
  ],
  [
    'a will that is no state',
    'will-invalid',
    knock(stolen, { will: { topic: 'ankang/v1/hall/thief/state', ...state('{"state":"open"}') } }),
  ],
  [
    'a will too long to be one',
    'will-invalid',
    knock(stolen, {
      will: { topic: 'ankang/v1/hall/thief/state', ...state(`{"state":"lost","detail":"${'x'.repeat(1100)}"}`) },
    }),
  ],
  [
    'a tool’s will',
    'will-foreign',
    knock(nothing, { ...withToken, will: { topic: 'ankang/v1/hall/thief/state', ...state() } }),
  ],
  ['publishing on another’s topic', 'publish-foreign', say(publishPacket(`${VICTIM}/state`, '{}'))],
  [
    'publishing retained on another’s topic',
    'publish-foreign',
    say(publishPacket(`${VICTIM}/state`, '{}', { retain: true })),
  ],
  ['publishing orders to another', 'publish-foreign', say(publishPacket(`${VICTIM}/commands/one`, 'x'))],
  ['publishing orders to itself', 'publish-foreign', say(publishPacket('ankang/v1/hall/thief/commands/one', 'x'))],
  ['publishing trust', 'publish-foreign', say(publishPacket('ankang/v1/trust/common/root', 'x'))],
  ['publishing to another site’s doors', 'publish-foreign', say(publishPacket('ankang/v1/mall/replay', 'x'))],
  ['publishing on $SYS', 'publish-foreign', say(publishPacket('$SYS/broker/uptime', 'x'))],
  [
    'publishing the result of no order, which would end the lines of all who hear it',
    'publish-foreign',
    say(publishPacket('ankang/v1/hall/thief/results/a\u0000b', 'x')),
  ],
  [
    'publishing the result of a nameless order',
    'publish-foreign',
    say(publishPacket('ankang/v1/hall/thief/results/', 'x')),
  ],
  [
    'publishing on a topic as long as a packet',
    'publish-foreign',
    say(publishPacket(`ankang/v1/hall/thief/results/${'a'.repeat(60_000)}`, 'x')),
  ],
  ['publishing on a wildcard', 'protocol-broken', say(publishPacket('ankang/v1/hall/+/state', '{}'))],
  [
    'leaving a record lying there',
    'retain-foreign',
    say(publishPacket('ankang/v1/hall/thief/records', 'x', { retain: true })),
  ],
  ['QoS 2', 'qos-2', say(publishPacket('ankang/v1/hall/thief/state', '{}', { qos: 2 }))],
  [
    'a payload longer than its channel has',
    'payload-too-large',
    say(publishPacket('ankang/v1/hall/thief/health', Buffer.alloc(LIMITS.shortPayloadBytes + 1))),
  ],
  ['subscribing to everything', 'subscribe-foreign', ask('#', 'ankang/v1/#', '+/v1/hall/thief/receipts')],
  [
    'subscribing to another’s topics',
    'subscribe-foreign',
    ask(`${VICTIM}/receipts`, `${VICTIM}/#`, `${VICTIM}/commands/+`),
  ],
  [
    'subscribing by a wildcard that takes in another’s',
    'subscribe-foreign',
    ask('ankang/v1/+/+/receipts', 'ankang/v1/hall/+/desired'),
  ],
  ['subscribing to another site’s', 'subscribe-foreign', ask('ankang/v1/mall/replay', 'ankang/v1/trust/site/mall/#')],
  ['subscribing to $SYS', 'subscribe-foreign', ask('$SYS/#', '$SYS/+/new/clients', '$share/x/ankang/v1/#')],
  ['subscribing to records', 'subscribe-foreign', ask('ankang/v1/hall/thief/records')],
  [
    'subscriptions without end',
    'too-many-subscriptions',
    async (stand, thief) => {
      const line = await RawLine.open(stand.port, thief)
      const filters = Array.from(
        { length: LIMITS.device.subscriptions + 4 },
        (_, turn) => `ankang/v1/trust/common/${turn}`,
      )
      line.say(subscribePacket(...filters))
      const granted = filters.map((_, turn) => (turn < LIMITS.device.subscriptions ? 1 : 128))
      expect(await line.hear()).toMatchObject({ cmd: 'suback', granted })
    },
  ],
  ['a packet over the limit', 'packet-too-large', say(publishPacket('ankang/v1/hall/thief/records', oversized))],
  [
    'a subscription of a thousand filters',
    'packet-too-large',
    say(subscribePacket(...Array.from({ length: 1000 }, (_, turn) => `ankang/v1/trust/common/${turn}`))),
  ],
  [
    'a packet over the limit from nobody',
    'packet-too-large',
    knock(nothing, { username: 'x'.repeat(LIMITS.controlPacketBytes) }),
  ],
  [
    'a packet that is not CONNECT from nobody',
    'protocol-broken',
    async stand => {
      const line = RawLine.tls(stand.port, null)
      line.say(publishPacket(`${VICTIM}/state`, Buffer.alloc(100_000)))
      await line.closed
    },
  ],
  ['a second CONNECT', 'protocol-broken', say(connectPacket('thief'))],
  [
    'another protocol',
    'protocol-broken',
    async stand => {
      const line = RawLine.tls(stand.port, null)
      line.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      await line.closed
    },
  ],
  [
    'no TLS at all',
    'handshake-failed',
    async stand => {
      const line = RawLine.tcp(stand.port)
      line.say(connectPacket('thief'))
      await line.closed
    },
  ],
  [
    'a tool that publishes',
    'publish-forbidden',
    asTool(async line => {
      line.say(publishPacket('ankang/v1/hall/thief/state', '{"state":"lost"}', { retain: true }))
      await line.closed
    }),
  ],
  [
    'a tool on $SYS',
    'subscribe-foreign',
    asTool(async line => {
      line.say(subscribePacket('$SYS/#', '#'))
      expect(await line.hear()).toMatchObject({ cmd: 'suback', granted: [128, 128] })
    }),
  ],
  [
    'more lines with one token than it may have',
    'too-many-connections',
    async stand => {
      for (
        let turn = 1;
        turn < LIMITS.linesPerToken;
        turn++ // one watches
      )
        await asTool(async () => undefined)(stand, await stand.enrol('x'))
      await knock(nothing, withToken)(stand, await stand.enrol('x'))
    },
  ],
]

it.each(ROWS)(
  '%s is refused as %s, logged and counted, and another device notices nothing',
  async (_title, reason, attack) => {
    const stand = await brokerStand()
    const bystander = await Bystander.on(stand)
    const victim = await stand.enrol('victim')
    const thief = await stand.enrol('thief')
    const heard: string[] = []
    const watch = await stand.tool()
    watch.on('message', topic => heard.push(topic))
    await watch.subscribeAsync('ankang/v1/#')
    const victimLine = await stand.connect(victim)

    await Promise.all([attack(stand, thief), bystander.roundTrip(), bystander.roundTrip()])

    await stand.refused(reason)
    await bystander.roundTrip()
    expect(victimLine.connected).toBe(true)
    // nothing of it went through: only the bystander's words and what a line's end says of the thief itself
    const birth = topicOf({ ...victim, device: 'bystander' }, 'birth')
    expect(new Set(heard)).toEqual(new Set([birth, birth.replace('birth', 'receipts')]))
  },
)

it('keeps a token out of the log that was given where its name belongs', async () => {
  const stand = await brokerStand()
  const token = `ankang_${'aB3-_'.repeat(8)}`
  await knock(async () => null, { username: token, password: Buffer.from('x') })(stand, await stand.enrol('x'))
  await stand.refused('token-bad')
  expect(JSON.stringify(stand.log.lines)).not.toContain(token)
})
