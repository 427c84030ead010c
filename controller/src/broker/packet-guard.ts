/*
 * MQTT fixed header: type and flags (1 byte) · remaining length (1–4 bytes, 7 bits each, least significant first).
 * Source: MQTT 3.1.1 §2.2.3. The broker gathers a packet in memory however long it says it is, so its length is read
 * before the bytes get there.
 */
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { EnvironmentError } from '@ankang/protocol'

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

/** A connection that ends at the first packet over the limit, before the broker stores any of it. */
export class GuardedConnection extends Duplex {
  readonly #socket: Socket

  constructor(socket: Socket, maxPacketBytes: number) {
    super()
    this.#socket = socket
    const guard = new PacketGuard(maxPacketBytes)
    socket.on('data', chunk => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      if (!guard.allows(bytes)) {
        const text = `expected MQTT packets of at most ${maxPacketBytes} bytes; the connection was closed`
        this.destroy(new EnvironmentError('packet-too-large', text, { retryable: false }))
      } else if (!this.push(bytes)) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('error', error => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done()
    else this.#afterDrain(done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #afterDrain(done: () => void): void {
    const finish = (): void => {
      this.#socket.off('drain', finish)
      this.#socket.off('close', finish)
      done()
    }
    this.#socket.on('drain', finish)
    this.#socket.on('close', finish)
  }
}
