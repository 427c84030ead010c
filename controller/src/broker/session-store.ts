import { Readable } from 'node:stream'
import { isCovered, UsageError } from '@ankang/protocol'
import type { AedesPublishPacket, Subscription } from 'aedes'
import { SubscriptionIndex } from './subscription-index.ts'

interface ClientRef {
  readonly id: string
}

interface Session {
  /** Filter → QoS. */
  readonly filters: Map<string, number>
  /** Oldest first; without a message id until it was handed over. */
  queue: AedesPublishPacket[]
  queueBytes: number
}

export interface SessionRules {
  /** Letters and bytes kept for one client. */
  readonly letters: number
  readonly bytes: number
  /** Asked again before a subscription is kept: the broker hands over refused ones beside granted ones. */
  maySubscribe(client: string, filter: string): boolean
  onDropped(client: string, letters: number): void
}

function lengthOf({ topic, payload }: AedesPublishPacket): number {
  return topic.length + payload.length
}

/** A copy of its own: a payload is a window on the whole of what came with it. */
function ownPayload({ payload }: AedesPublishPacket): Buffer {
  return Buffer.from(payload)
}

function noQos2(): UsageError {
  return new UsageError('qos-2', 'expected QoS 0 or 1: no packet waits for its release')
}

/**
 * What the broker remembers, in memory and bounded: sessions of devices, retained letters, wills. The interface is that
 * of aedes-persistence 11; what QoS 2 needs is left out, since nobody may use it.
 */
export class SessionStore {
  readonly #rules: SessionRules
  readonly #index = new SubscriptionIndex()
  readonly #sessions = new Map<string, Session>()
  readonly #retained = new Map<string, AedesPublishPacket>()
  readonly #wills = new Map<string, object>()

  constructor(rules: SessionRules) {
    this.#rules = rules
  }

  async setup(): Promise<void> {
    await Promise.resolve() // the broker insists on an async function
  }

  async destroy(): Promise<void> {
    this.#sessions.clear()
  }

  async storeRetained(packet: AedesPublishPacket): Promise<void> {
    if (packet.payload.length === 0) this.#retained.delete(packet.topic)
    else this.#retained.set(packet.topic, { ...packet, payload: ownPayload(packet) })
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(filters.flatMap(filter => this.#retainedOn(filter)))
  }

  async addSubscriptions({ id }: ClientRef, subscriptions: readonly Subscription[]): Promise<void> {
    const allowed = subscriptions.filter(({ topic }) => this.#rules.maySubscribe(id, topic))
    if (allowed.length === 0) return
    const session = this.#sessions.get(id) ?? { filters: new Map<string, number>(), queue: [], queueBytes: 0 }
    this.#sessions.set(id, session)
    for (const { topic, qos } of allowed) {
      session.filters.set(topic, qos)
      if (qos > 0) this.#index.add(id, topic)
      else this.#index.remove(id, topic)
    }
  }

  async removeSubscriptions({ id }: ClientRef, filters: readonly string[]): Promise<void> {
    for (const filter of filters) {
      this.#sessions.get(id)?.filters.delete(filter)
      this.#index.remove(id, filter)
    }
  }

  async subscriptionsByClient({ id }: ClientRef): Promise<Subscription[]> {
    const filters = this.#sessions.get(id)?.filters ?? new Map<string, number>()
    return [...filters].map(([topic, qos]) => ({ topic, qos: qos === 0 ? 0 : 1 }))
  }

  /** A clean session begins: nothing of an earlier one is left. */
  async cleanSubscriptions({ id }: ClientRef): Promise<void> {
    this.drop(id)
  }

  /** Forgets a client's session: it is not one of ours any more. */
  drop(id: string): void {
    for (const filter of this.#sessions.get(id)?.filters.keys() ?? []) this.#index.remove(id, filter)
    this.#sessions.delete(id)
  }

  async subscriptionsByTopic(topic: string): Promise<{ readonly clientId: string; readonly topic: string }[]> {
    return [...this.#index.match(topic)].map(clientId => ({ clientId, topic }))
  }

  async outgoingEnqueueCombi(
    subscriptions: readonly { readonly clientId: string }[],
    packet: AedesPublishPacket,
  ): Promise<void> {
    if (subscriptions.length === 0) return
    const kept = { ...packet, payload: ownPayload(packet) }
    for (const { clientId } of subscriptions) this.#enqueue(clientId, kept)
  }

  async outgoingEnqueue({ clientId }: { readonly clientId: string }, packet: AedesPublishPacket): Promise<void> {
    await this.outgoingEnqueueCombi([{ clientId }], packet)
  }

  /** Notes under which message id a letter went out. One that was dropped meanwhile is not missed. */
  async outgoingUpdate({ id }: ClientRef, packet: AedesPublishPacket): Promise<void> {
    const kept = this.#sessions
      .get(id)
      ?.queue.find(({ brokerId, brokerCounter }) =>
        packet.cmd === 'publish' ? brokerId === packet.brokerId && brokerCounter === packet.brokerCounter : false,
      )
    if (kept !== undefined && packet.messageId !== undefined) kept.messageId = packet.messageId
  }

  /** An acknowledgement came. */
  async outgoingClearMessageId(
    { id }: ClientRef,
    { messageId }: { readonly messageId?: number },
  ): Promise<AedesPublishPacket | undefined> {
    const session = this.#sessions.get(id)
    const place = messageId === undefined ? -1 : (session?.queue.findIndex(kept => kept.messageId === messageId) ?? -1)
    if (session === undefined || place < 0) return undefined
    const [cleared] = session.queue.splice(place, 1)
    if (cleared !== undefined) session.queueBytes -= lengthOf(cleared)
    return cleared
  }

  /** Those handed over before are marked as such. Source: MQTT 3.1.1 [MQTT-3.3.1-1]. */
  outgoingStream({ id }: ClientRef): Readable {
    const queue = this.#sessions.get(id)?.queue ?? []
    return Readable.from(queue.map(packet => ({ ...packet, dup: packet.messageId !== undefined })))
  }

  async incomingStorePacket(): Promise<void> {
    throw noQos2()
  }

  async incomingGetPacket(): Promise<never> {
    throw noQos2()
  }

  async incomingDelPacket(): Promise<void> {
    throw noQos2()
  }

  async putWill({ id }: ClientRef, packet: object): Promise<void> {
    this.#wills.set(id, packet)
  }

  async getWill({ id }: ClientRef): Promise<object | undefined> {
    return this.#wills.get(id)
  }

  async delWill({ id }: ClientRef): Promise<object | undefined> {
    const will = this.#wills.get(id)
    this.#wills.delete(id)
    return will
  }

  /** Of brokers that died: this one has no others beside it. */
  streamWill(): Readable {
    return Readable.from([])
  }

  #retainedOn(filter: string): AedesPublishPacket[] {
    if (!/[+#]/.test(filter)) return [this.#retained.get(filter) ?? []].flat()
    return [...this.#retained.values()].filter(({ topic }) => isCovered(topic, filter))
  }

  #enqueue(id: string, packet: AedesPublishPacket): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    // not retained for those who subscribed before. Source: MQTT 3.1.1 [MQTT-3.3.1-9]
    const { messageId: _, ...letter } = packet
    session.queue.push({ ...letter, retain: false, dup: false })
    session.queueBytes += lengthOf(packet)
    let dropped = 0
    while (session.queue.length > this.#rules.letters || session.queueBytes > this.#rules.bytes) {
      const oldest = session.queue.shift()
      if (oldest === undefined) break
      session.queueBytes -= lengthOf(oldest)
      dropped++
    }
    if (dropped > 0) this.#rules.onDropped(id, dropped)
  }
}
