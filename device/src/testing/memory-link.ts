import { type DeviceChannel, deviceTopic, EnvironmentError } from '@ankang/protocol'
import type { Link, LinkEvents, PublishOptions } from '../ports/link.ts'

export interface Said {
  readonly channel: DeviceChannel
  readonly payload: Uint8Array
  readonly retain: boolean
  /** Null where the channel has none. */
  readonly orderId: string | null
}

const NOBODY = { site: 'site', device: 'device' }

/** The link's twin: the test is the broker and the centre. */
export class MemoryLink implements Link {
  readonly said: Said[] = []
  #events: LinkEvents | null = null
  #reachable = false
  #up = false

  open(events: LinkEvents): void {
    this.#events = events
    if (this.#reachable) this.up()
  }

  async publish(channel: DeviceChannel, payload: Uint8Array, options: PublishOptions = {}): Promise<void> {
    if (!this.#up) throw new EnvironmentError('link-down', 'no connection to the controller', { retryable: true })
    deviceTopic(NOBODY, channel, options.orderId) // misplaced ids are found here as by the real one
    this.said.push({ channel, payload, retain: options.retain ?? false, orderId: options.orderId ?? null })
  }

  async close(): Promise<void> {
    this.#events = null
    this.#up = false
  }

  up(): void {
    this.#reachable = true
    if (this.#events === null) return
    this.#up = true
    this.#events?.onUp()
  }

  down(detail = 'cut'): void {
    this.#reachable = false
    if (!this.#up) return
    this.#up = false
    this.#events?.onDown(detail)
  }

  /** The centre says something. */
  deliver(channel: DeviceChannel, payload: Uint8Array): void {
    this.#events?.onMessage(channel, payload)
  }

  /** What was said on one channel, oldest first. */
  saidOn(channel: DeviceChannel): readonly Uint8Array[] {
    return this.said.filter(said => said.channel === channel).map(said => said.payload)
  }
}
