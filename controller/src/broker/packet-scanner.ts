/*
 * MQTT fixed header: type and flags (1 byte) · remaining length (1–4 bytes, 7 bits each, least significant first).
 * Source: MQTT 3.1.1 §2.2.3. The broker gathers a packet in memory however long it says it is, so its length is read
 * before the bytes get there.
 */

/** Upper four bits of the first byte. Source: MQTT 3.1.1 §2.2.1. */
export const PACKET = { connect: 1, publish: 3 } as const

export type ScanEvent =
  /** The header is read; `at` is the place after it. */
  | { readonly kind: 'header'; readonly at: number; readonly type: number; readonly lengthBytes: number }
  /** The packet that was begun ends before `at`. */
  | { readonly kind: 'end'; readonly at: number }
  /** Nothing more in this chunk. */
  | { readonly kind: 'more' }
  /** A length field of more than four bytes. */
  | { readonly kind: 'malformed' }

/** Follows the packet boundaries of one direction of one connection. */
export class PacketScanner {
  #place: 'type' | 'length' | 'body' = 'type'
  #type = 0
  #length = 0
  #digits = 0
  #remaining = 0

  /** Whether a packet is begun and not whole. */
  get isInside(): boolean {
    return this.#place !== 'type'
  }

  /** What comes next in `chunk` from `at` on. Go on at the event's place; bytes before it are done with. */
  next(chunk: Uint8Array, at: number): ScanEvent {
    if (this.#place === 'body') return this.#skipBody(chunk, at)
    let place = at
    while (place < chunk.length) {
      const byte = chunk[place++] ?? 0
      if (this.#place === 'type') {
        this.#type = byte >> 4
        this.#length = 0
        this.#digits = 0
        this.#place = 'length'
        continue
      }
      this.#length += (byte & 0x7f) * 128 ** this.#digits++
      if (byte >= 0x80 && this.#digits === 4) return { kind: 'malformed' }
      if (byte >= 0x80) continue
      this.#remaining = this.#length
      this.#place = 'body'
      return { kind: 'header', at: place, type: this.#type, lengthBytes: this.#length }
    }
    return { kind: 'more' }
  }

  #skipBody(chunk: Uint8Array, at: number): ScanEvent {
    const step = Math.min(this.#remaining, chunk.length - at)
    this.#remaining -= step
    if (this.#remaining > 0) return { kind: 'more' }
    this.#place = 'type'
    return { kind: 'end', at: at + step }
  }
}
