/** A message as it came. The payload belongs to the receiver. */
export interface Letter {
  readonly topic: string
  readonly payload: Uint8Array
}

/**
 * Takes one letter. The sender's next one may be held back until the promise settles: that is the back-pressure.
 * A rejection is the receiver's fault; the postman reports it and goes on.
 */
export type LetterHandler = (letter: Letter) => Promise<void>

/** `qos` 1 asks for at-least-once between broker and reader; `retain` leaves the letter for those who come later. */
export interface PostOptions {
  readonly qos: 0 | 1
  readonly retain: boolean
}

/**
 * The broker as this program sees it: it carries, and proves nothing. A publish that resolved has left, not arrived;
 * letters may come twice, late, or not at all. Nothing survives a restart of the broker but what is sent again.
 */
export interface Postman {
  publish(topic: string, payload: Uint8Array, options: PostOptions): Promise<void>
  /** `filter` with the MQTT wildcards + and #. Resolves when letters from now on will be handed over. */
  subscribe(filter: string, handler: LetterHandler): Promise<void>
}
