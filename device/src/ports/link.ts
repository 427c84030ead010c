import type { DeviceChannel } from '@ankang/protocol'

export interface LinkEvents {
  /** On every connection, the first included. */
  onUp(): void
  /** Once for each loss, and once when the first attempt fails; not for every further one. */
  onDown(detail: string): void
  onMessage(channel: DeviceChannel, payload: Uint8Array): void
}

export interface PublishOptions {
  readonly retain?: boolean
  readonly qos?: 0 | 1
  /** Whose result it is: with `results`, and with no other channel. */
  readonly orderId?: string
}

/**
 * The line to the centre. It carries and forgets: it queues nothing, and a resolved `publish` proves nothing but that
 * the broker took it.
 *
 * Contract: `open` returns at once and goes on trying until `close`. `publish` rejects with an EnvironmentError
 * (`link-down`, retryable) when there is no connection, and with a BugError where an order's id is missing or misplaced. After `close` resolves no event is delivered.
 */
export interface Link {
  open(events: LinkEvents): void
  publish(channel: DeviceChannel, payload: Uint8Array, options?: PublishOptions): Promise<void>
  close(): Promise<void>
}
