import { inflateSync, type Zlib } from 'node:zlib'
import type { Decoded } from './cbor.ts'

/**
 * Opens one zlib stream (RFC 1950) that must be all of `compressed`. One byte over `maxBytes` is refused at that byte: no more
 * than that is ever held, whatever the stream would grow to.
 */
export function inflateBounded(compressed: Uint8Array, maxBytes: number): Decoded<Uint8Array> {
  try {
    // One chunk of output holds all that may come, and with `info` the engine says how much of the input it took.
    const options = { maxOutputLength: maxBytes, chunkSize: maxBytes + 1, info: true }
    const { buffer, engine } = inflateSync(compressed, options) as unknown as { buffer: Uint8Array; engine: Zlib }
    const restBytes = compressed.length - engine.bytesWritten
    // Anybody can append: behind the stream's end nothing is checked by anyone.
    if (restBytes !== 0) return { ok: false, detail: `${restBytes} bytes after the zlib stream` }
    return { ok: true, value: new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { ok: false, detail: `no zlib stream of at most ${maxBytes} bytes (${why})` }
  }
}
