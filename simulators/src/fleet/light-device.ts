import { randomBytes } from 'node:crypto'
import {
  type DeviceAddress,
  type DeviceChannel,
  deviceTopic,
  EnvironmentError,
  encodePayload,
  type PrivateKey,
  receiptFormat,
  toHex,
} from '@ankang/protocol'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { LightChain } from './light-chain.ts'

/** What a device shows on the line, PEM. */
export interface LineIdentity {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

interface LightDeviceOptions {
  readonly address: DeviceAddress
  readonly deviceKey: PrivateKey
  readonly identity: LineIdentity
}

const RECEIPT_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 60_000

const random = (lengthBytes: number) => new Uint8Array(randomBytes(lengthBytes))

/** The line of a device as it is: its own certificate, its own id, a will on its own state. */
export function lineOptions(address: DeviceAddress, { ca, certificate, key }: LineIdentity): IClientOptions {
  return {
    clientId: address.device,
    ca,
    cert: certificate,
    key,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: 60,
    queueQoSZero: false,
    will: { topic: deviceTopic(address, 'state'), payload: encodePayload({ state: 'lost' }), qos: 1, retain: true },
  }
}

/** A device of a large fleet: the line, the chain and the signatures are the real ones; there is neither reader nor disk. */
export class LightDevice {
  readonly address: DeviceAddress
  readonly #options: LightDeviceOptions
  readonly #chain: LightChain
  #client: MqttClient | null = null

  constructor(options: LightDeviceOptions) {
    this.#options = options
    this.address = options.address
    this.#chain = new LightChain({ device: options.address.device, key: options.deviceKey, random })
  }

  /** Resolves once the centre has answered this device's birth: all that a box needs to begin its work. */
  async connect(url: string): Promise<void> {
    const client = await connectAsync(url, lineOptions(this.address, this.#options.identity), false)
    this.#client = client
    const { stream } = client
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true) // as the device does
    client.on('error', () => undefined) // followed by close; whoever waits has a time limit
    await client.subscribeAsync([deviceTopic(this.address, 'receipts'), deviceTopic(this.address, 'desired')], {
      qos: 1,
    })
    const answered = this.#receipt(client)
    await this.#say(client, 'birth', this.#birth())
    await answered
    await this.#say(client, 'state', encodePayload({ state: 'ready', timeMs: Date.now(), scene: 'hall-door' }), true)
  }

  /** Milliseconds from a record's batch leaving until its receipt is here: line, checks, commit with fsync, signature, line. */
  async roundTripMs(): Promise<number> {
    const client = this.#insistOnClient()
    const startedMs = performance.now()
    const answered = this.#receipt(client)
    await this.#say(client, 'records', this.#chain.next(Date.now()))
    await answered
    return performance.now() - startedMs
  }

  /** Ends the line without a word, as a cut cable does. */
  cut(): void {
    this.#client?.end(true)
    this.#client = null
  }

  async close(): Promise<void> {
    await this.#client?.endAsync(true)
    this.#client = null
  }

  #insistOnClient(): MqttClient {
    if (this.#client?.connected === true) return this.#client
    throw new EnvironmentError('link-down', `${this.address.device} has lost its line`, { retryable: true })
  }

  #birth(): Uint8Array {
    const { epoch, seq, link } = this.#chain.head
    return encodePayload({
      bootNonce: toHex(random(16)),
      firmware: 'simulated',
      hardware: 'simulated',
      scene: 'hall-door',
      head: { epoch: toHex(epoch), seq, link: toHex(link) },
      bundleVersions: { trust: 1 },
    })
  }

  async #say(client: MqttClient, channel: DeviceChannel, payload: Uint8Array, retain = false): Promise<void> {
    await client.publishAsync(deviceTopic(this.address, channel), Buffer.from(payload), { qos: 1, retain })
  }

  /** The next receipt for this device's chain. Throws `receipt-missing`. */
  #receipt(client: MqttClient): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: EnvironmentError): void => {
        clearTimeout(timer)
        client.off('message', take)
        client.off('close', lost)
        if (error === undefined) resolve()
        else reject(error)
      }
      const missing = (why: string) =>
        new EnvironmentError('receipt-missing', `${this.address.device}: ${why} before the receipt came`, {
          retryable: true,
        })
      const take = (topic: string, payload: Buffer): void => {
        if (topic === deviceTopic(this.address, 'receipts') && receiptFormat.decode(payload).ok) end()
      }
      const lost = (): void => end(missing('the line was cut'))
      const timer = setTimeout(() => end(missing(`${RECEIPT_TIMEOUT_MS / 1000} s went by`)), RECEIPT_TIMEOUT_MS)
      client.on('message', take)
      client.on('close', lost)
    })
  }
}
