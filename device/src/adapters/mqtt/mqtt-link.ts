import { setTimeout as delay } from 'node:timers/promises'
import {
  type DeviceAddress,
  type DeviceChannel,
  describeError,
  deviceTopic,
  EnvironmentError,
  encodePayload,
  parseDeviceTopic,
  UsageError,
} from '@ankang/protocol'
import mqtt, { type MqttClient } from 'mqtt'
import type { Link, LinkEvents, PublishOptions } from '../../ports/link.ts'

interface MqttLinkOptions {
  /** mqtt://host:port */
  readonly url: string
  readonly address: DeviceAddress
  /** Channels the centre speaks on. */
  readonly listen: readonly DeviceChannel[]
  /** Uniform in [0, 1); spreads a fleet that lost its broker at the same moment. */
  readonly random: () => number
}

const BACKOFF_FIRST_MS = 250
const BACKOFF_MAX_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_SECONDS = 15
const GOODBYE_MS = 2000

/** The link over MQTT 3.1.1. Sessions are clean and nothing is queued: the journal remembers, this forgets. */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions
  #client: MqttClient | null = null
  #retry: NodeJS.Timeout | null = null
  #attempts = 0
  #state: 'new' | 'up' | 'down' = 'new'
  #closed = false

  constructor(options: MqttLinkOptions) {
    if (!/^mqtts?:\/\//.test(options.url))
      throw new UsageError(
        'controller-url-invalid',
        `controller.url: expected mqtt://host:port, got ${JSON.stringify(options.url)}`,
      )
    this.#options = options
  }

  open(events: LinkEvents): void {
    if (this.#closed) return
    const { url, address, listen } = this.#options
    const client = mqtt.connect(url, {
      clientId: address.device,
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_SECONDS,
      queueQoSZero: false,
      resubscribe: false,
      will: { topic: deviceTopic(address, 'state'), payload: encodePayload({ state: 'lost' }), qos: 1, retain: true },
    })
    this.#client = client
    let lastError = 'closed by the other side'
    client.on('connect', () => this.#subscribe(client, events, listen))
    client.on('message', (topic, payload) => {
      const parsed = parseDeviceTopic(topic)
      if (!this.#closed && parsed?.device === address.device && parsed.site === address.site)
        events.onMessage(parsed.channel, payload)
    })
    client.on('error', error => {
      lastError = describeError(error)
    })
    client.once('close', () => this.#lost(client, events, lastError))
  }

  async publish(channel: DeviceChannel, payload: Uint8Array, options: PublishOptions = {}): Promise<void> {
    const client = this.#client
    if (client?.connected !== true)
      throw new EnvironmentError('link-down', 'no connection to the controller; it is tried again by itself', {
        retryable: true,
      })
    try {
      await client.publishAsync(deviceTopic(this.#options.address, channel), Buffer.from(payload), {
        qos: options.qos ?? 0,
        retain: options.retain ?? false,
      })
    } catch (error) {
      throw new EnvironmentError('link-down', 'the connection to the controller broke while sending', {
        retryable: true,
        cause: error,
      })
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    const client = this.#client
    this.#client = null
    if (client === null) return
    // Politely where the broker answers; one that withholds its acknowledgements is not waited for.
    const politely = client.endAsync(client.connected !== true)
    await Promise.race([politely, delay(GOODBYE_MS, undefined, { ref: false }).then(() => client.end(true))])
  }

  #subscribe(client: MqttClient, events: LinkEvents, listen: readonly DeviceChannel[]): void {
    const topics = listen.map(channel => deviceTopic(this.#options.address, channel))
    client.subscribe(topics, { qos: 1 }, error => {
      if (this.#closed || client !== this.#client) return
      if (error) return void client.end(true)
      this.#attempts = 0
      this.#state = 'up'
      events.onUp()
    })
  }

  #lost(client: MqttClient, events: LinkEvents, detail: string): void {
    client.end(true)
    if (this.#closed || client !== this.#client) return
    if (this.#state !== 'down') events.onDown(detail)
    this.#state = 'down'
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempts++)
    this.#retry = setTimeout(() => this.open(events), ceiling * (0.5 + this.#options.random() / 2))
  }
}
