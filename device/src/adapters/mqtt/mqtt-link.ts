import { setTimeout as delay } from 'node:timers/promises'
import {
  type DeviceAddress,
  type DeviceChannel,
  describeError,
  deviceFilter,
  deviceTopic,
  EnvironmentError,
  encodePayload,
  parseDeviceTopic,
  UsageError,
} from '@ankang/protocol'
import { MqttClient } from 'mqtt'
import type { Link, LinkEvents, PublishOptions } from '../../ports/link.ts'
import { type RetryWindows, retryInMs } from '../../timing/retry-window.ts'
import { type LineMaterial, openLineStream } from './line-stream.ts'

interface MqttLinkOptions {
  /** mqtts://host:port; mqtt:// without material. */
  readonly url: string
  readonly address: DeviceAddress
  /** Channels the centre speaks on. */
  readonly listen: readonly DeviceChannel[]
  /** Asked anew for each connection, so that a renewed certificate needs no restart. Null: without TLS, on this machine. */
  readonly material: (() => LineMaterial) | null
  /** Uniform in [0, 1); spreads a fleet that lost its broker at the same moment. */
  readonly random: () => number
}

/**
 * A broker that restarts under 2,000 boxes gets some 250 handshakes a second from the first window, and fewer from each one
 * after it; a lone box is back in 4 s on average.
 */
export const LINK_RETRIES: RetryWindows = { firstMs: 8000, maxMs: 60_000, leastMs: 100 }
const CONNECT_TIMEOUT_MS = 10_000
const KEEPALIVE_SECONDS = 15
const GOODBYE_MS = 2000

/** The link over MQTT 3.1.1. Sessions are clean and nothing is queued: the journal remembers, this forgets. */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions
  readonly #url: URL
  #client: MqttClient | null = null
  /** The next try, and how to make it now. */
  #retry: { readonly timer: NodeJS.Timeout; readonly now: () => void } | null = null
  #failures = 0
  #state: 'new' | 'up' | 'down' = 'new'
  #closed = false

  constructor(options: MqttLinkOptions) {
    const scheme = options.material === null ? 'mqtt:' : 'mqtts:'
    if (!URL.canParse(options.url) || new URL(options.url).protocol !== scheme)
      throw new UsageError(
        'controller-url-invalid',
        `controller.url: expected ${scheme}//host:port, got ${JSON.stringify(options.url)}`,
      )
    this.#options = options
    this.#url = new URL(options.url)
  }

  open(events: LinkEvents): void {
    if (this.#closed) return
    this.#retry = null
    try {
      this.#connect(events)
    } catch (error) {
      // A certificate file that cannot be read or used now may be mended while the box runs.
      this.#client = null
      this.#down(events, describeError(error))
    }
  }

  async publish(channel: DeviceChannel, payload: Uint8Array, options: PublishOptions = {}): Promise<void> {
    const topic = deviceTopic(this.#options.address, channel, options.orderId)
    const client = this.#client
    if (client?.connected !== true)
      throw new EnvironmentError('link-down', 'no connection to the controller; it is tried again by itself', {
        retryable: true,
      })
    try {
      await client.publishAsync(topic, Buffer.from(payload), {
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

  /** Takes leave of the present connection, or waits no longer for the next, which is made with the certificate as it is then. */
  reconnect(): void {
    if (this.#retry === null) return void this.#client?.end()
    clearTimeout(this.#retry.timer)
    this.#retry.now()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#retry !== null) clearTimeout(this.#retry.timer)
    this.#retry = null
    const client = this.#client
    this.#client = null
    if (client === null) return
    // Politely where the broker answers; one that withholds its acknowledgements is not waited for.
    const politely = client.endAsync(client.connected !== true)
    await Promise.race([politely, delay(GOODBYE_MS, undefined, { ref: false }).then(() => client.end(true))])
  }

  /** Throws what is wrong with the material. */
  #connect(events: LinkEvents): void {
    const { address, material, listen } = this.#options
    const stream = openLineStream(this.#url, material?.() ?? null)
    const client = new MqttClient(() => stream, {
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
    const note = (error: unknown): void => {
      lastError = describeError(error)
    }
    stream.on('error', note)
    client.on('error', note)
    client.on('connect', () => this.#subscribe(client, events, listen))
    client.on('packetreceive', packet => {
      // Nobody asked for QoS 2, and the library would hold such messages for as long as the broker likes.
      if (packet.cmd === 'publish' && packet.qos === 2)
        stream.destroy(new EnvironmentError('qos-unasked', 'the broker sent QoS 2, unasked', { retryable: true }))
    })
    client.on('message', (topic, payload) => {
      const parsed = parseDeviceTopic(topic)
      if (!this.#closed && parsed?.device === address.device && parsed.site === address.site)
        events.onMessage(parsed.channel, payload)
    })
    client.once('close', () => this.#lost(client, events, lastError))
  }

  #subscribe(client: MqttClient, events: LinkEvents, listen: readonly DeviceChannel[]): void {
    const filters = listen.map(channel => deviceFilter(this.#options.address, channel))
    client.subscribe(filters, { qos: 1 }, error => {
      if (this.#closed || client !== this.#client) return
      if (error) return void client.end(true)
      this.#failures = 0
      this.#state = 'up'
      events.onUp()
    })
  }

  #lost(client: MqttClient, events: LinkEvents, detail: string): void {
    client.end(true)
    if (client === this.#client) this.#down(events, detail)
  }

  #down(events: LinkEvents, detail: string): void {
    if (this.#closed) return
    if (this.#state !== 'down') events.onDown(detail)
    this.#state = 'down'
    const now = () => this.open(events)
    const inMs = retryInMs(this.#failures++, this.#options.random(), LINK_RETRIES)
    this.#retry = { timer: setTimeout(now, inMs), now }
  }
}
