import { isCovered } from '@ankang/protocol'
import type { AedesPublishPacket } from 'aedes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SessionStore } from '../../src/broker/session-store.ts'
import { SubscriptionIndex } from '../../src/broker/subscription-index.ts'

function letter(brokerCounter: number, payload: string | Buffer = 'x', topic = 'a/b'): AedesPublishPacket {
  const bytes = Buffer.from(payload)
  return { cmd: 'publish', brokerId: 'b', brokerCounter, topic, payload: bytes, qos: 1, retain: false, dup: false }
}

function store({ letters = 100, bytes = 10_000 } = {}) {
  const dropped: number[] = []
  const sessions = new SessionStore({
    letters,
    bytes,
    maySubscribe: (client, filter) => filter.startsWith(client),
    onDropped: (_client, count) => dropped.push(count),
  })
  return { sessions, dropped }
}

async function queued(sessions: SessionStore, id: string): Promise<number[]> {
  const packets: AedesPublishPacket[] = await sessions.outgoingStream({ id }).toArray()
  return packets.map(({ brokerCounter }) => brokerCounter)
}

describe('the index of subscriptions', () => {
  const level = fc.constantFrom('a', 'b', 'c', '')
  const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map(levels => levels.join('/'))
  const filter = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))

  it('finds whom a comparison with every filter finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), filter)),
        fc.array(fc.nat()),
        topic,
        (all, gone, topic) => {
          const index = new SubscriptionIndex()
          for (const [client, filter] of all) index.add(client, filter)
          const removed = new Set(gone.map(place => all[place % Math.max(1, all.length)]).map(pair => pair?.join(' ')))
          for (const [client, filter] of all) if (removed.has(`${client} ${filter}`)) index.remove(client, filter)
          const left = all.filter(pair => !removed.has(pair.join(' ')))
          const expected = left.filter(([, filter]) => isCovered(topic, filter)).map(([client]) => client)
          expect(index.match(topic)).toEqual(new Set(expected))
        },
      ),
    )
  })
})

describe('the store of sessions', () => {
  it('keeps letters of QoS 1 for those alone who have a session, and drops the oldest beyond its bounds', async () => {
    const { sessions, dropped } = store({ letters: 3 })
    await sessions.addSubscriptions({ id: 'a' }, [{ topic: 'a/b', qos: 1 }])
    for (let turn = 1; turn <= 5; turn++) {
      await sessions.outgoingEnqueueCombi(await sessions.subscriptionsByTopic('a/b'), letter(turn))
      await sessions.outgoingEnqueue({ clientId: 'stranger' }, letter(turn))
    }
    expect(await queued(sessions, 'a')).toEqual([3, 4, 5])
    expect(await queued(sessions, 'stranger')).toEqual([])
    expect(dropped).toEqual([1, 1])
  })

  it('never holds more bytes than it may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(800), { maxLength: 30 }), async sizes => {
        const { sessions } = store({ bytes: 1000 })
        await sessions.addSubscriptions({ id: 'a' }, [{ topic: 'a/b', qos: 1 }])
        for (const [turn, size] of sizes.entries())
          await sessions.outgoingEnqueue({ clientId: 'a' }, letter(turn, Buffer.alloc(size)))
        const packets: AedesPublishPacket[] = await sessions.outgoingStream({ id: 'a' }).toArray()
        const held = packets.reduce((sum, { payload }) => sum + payload.length + 3, 0)
        expect(held).toBeLessThanOrEqual(1000)
        expect(packets.map(({ brokerCounter }) => brokerCounter)).toEqual(
          [...sizes.keys()].slice(sizes.length - packets.length),
        )
      }),
    )
  })

  it('forgets what is acknowledged by its number, and nothing by a number that was never given', async () => {
    const { sessions } = store()
    await sessions.addSubscriptions({ id: 'a' }, [{ topic: 'a/b', qos: 1 }])
    for (const turn of [1, 2, 3]) await sessions.outgoingEnqueue({ clientId: 'a' }, letter(turn))
    await sessions.outgoingUpdate({ id: 'a' }, { ...letter(2), messageId: 77 })
    await sessions.outgoingClearMessageId({ id: 'a' }, { messageId: 78 })
    await sessions.outgoingClearMessageId({ id: 'a' }, {})
    expect(await queued(sessions, 'a')).toEqual([1, 2, 3])
    await sessions.outgoingClearMessageId({ id: 'a' }, { messageId: 77 })
    expect(await queued(sessions, 'a')).toEqual([1, 3])
  })

  it('holds payloads of its own, not windows on the chunks they came in', async () => {
    const { sessions } = store()
    const chunk = Buffer.alloc(100_000, 1)
    await sessions.storeRetained({ ...letter(1), payload: chunk.subarray(5, 10), retain: true })
    const [kept]: AedesPublishPacket[] = await sessions.createRetainedStreamCombi(['a/#']).toArray()
    const payload = Buffer.isBuffer(kept?.payload) ? kept.payload : Buffer.alloc(0)
    expect([...payload]).toEqual([1, 1, 1, 1, 1])
    expect(payload.buffer).not.toBe(chunk.buffer)
  })

  it('gives retained letters by filter, the latest of a topic, and none that was cleared', async () => {
    const { sessions } = store()
    for (const [turn, topic, text] of [
      [1, 'a/b', 'old'],
      [2, 'a/b', 'new'],
      [3, 'a/c', 'other'],
      [4, 'a/d', 'gone'],
      [5, 'a/d', ''],
    ] as const)
      await sessions.storeRetained({ ...letter(turn, text, topic), retain: true })
    const given = async (filter: string) => {
      const packets: AedesPublishPacket[] = await sessions.createRetainedStreamCombi([filter]).toArray()
      return packets.map(({ payload }) => payload.toString())
    }
    expect(await given('a/b')).toEqual(['new'])
    expect(await given('a/+')).toEqual(['new', 'other'])
    expect(await given('a/d')).toEqual([])
  })
})
