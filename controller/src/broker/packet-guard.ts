import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { EnvironmentError, PacketGuard } from '@ankang/protocol'

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
