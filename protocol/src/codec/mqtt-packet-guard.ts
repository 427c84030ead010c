/*
 * MQTT fixed header: type and flags (1 byte) · remaining length (1–4 bytes, 7 bits each, least significant first).
 * Source: MQTT 3.1.1 §2.2.3. Brokers and clients gather a packet in memory however long it says it is, so its length is
 * read before the bytes get there.
 */

/** Follows the packet boundaries of one direction of one connection. */
export class PacketGuard {
  readonly #maxPacketBytes: number
  #place: 'type' | 'length' | 'body' = 'type'
  #length = 0
  #digits = 0
  #remaining = 0

  constructor(maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes
  }

  /** False from the first packet on that is longer than allowed, or whose length field is malformed. */
  allows(chunk: Uint8Array): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#place === 'body') {
        const step = Math.min(this.#remaining, chunk.length - at)
        at += step
        this.#remaining -= step
        if (this.#remaining === 0) this.#place = 'type'
      } else if (this.#place === 'type') {
        at++
        this.#place = 'length'
        this.#length = 0
        this.#digits = 0
      } else {
        const digit = chunk[at++] ?? 0
        this.#length += (digit & 0x7f) * 128 ** this.#digits++
        if (digit >= 0x80 && this.#digits < 4) continue
        if (digit >= 0x80 || this.#length > this.#maxPacketBytes) return false
        this.#remaining = this.#length
        this.#place = this.#length === 0 ? 'type' : 'body'
      }
    }
    return true
  }
}
