import { UsageError } from '../errors.ts'

/** Lower-case hex of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Bytes of an even-length hex text, or null when it is no such text. */
export function parseHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null
  return new Uint8Array(Buffer.from(text, 'hex'))
}

/** Bytes of a hex text. Throws `hex-expected`. */
export function fromHex(text: string): Uint8Array {
  const bytes = parseHex(text)
  if (bytes === null) {
    throw new UsageError(
      'hex-expected',
      `expected an even number of hex digits, got ${JSON.stringify(text.slice(0, 40))}`,
    )
  }
  return bytes
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const buffer = Buffer.concat(parts)
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** `value` as eight bytes, big-endian. Range 0 … 2^53 − 1. */
export function u64be(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** The value of eight big-endian bytes; more than 2^53 − 1 loses precision and is never written by us. */
export function readU64be(bytes: Uint8Array, offset = 0): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset))
}
