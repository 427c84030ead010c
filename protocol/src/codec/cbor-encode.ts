/* The encoding half of cbor.ts: deterministic, RFC 8949 §4.2.1. Maps may be built in any order. */
import { BugError } from '../errors.ts'
import { Tagged } from './cbor.ts'

const FIRST_CAPACITY_BYTES = 512

class Writer {
  #bytes = new Uint8Array(FIRST_CAPACITY_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  item(value: unknown): void {
    if (typeof value === 'number') this.#integer(value)
    else if (typeof value === 'string') this.#text(value)
    else if (value instanceof Uint8Array) this.#sized(2, value)
    else if (Array.isArray(value)) this.#array(value)
    else if (value instanceof Map) this.#map(value)
    else if (value === null) this.#head(7, 22)
    else if (typeof value === 'boolean') this.#head(7, value ? 21 : 20)
    else if (typeof value === 'bigint') this.#bigInteger(value)
    else if (value instanceof Tagged) this.#tagged(value)
    else throw new BugError('cbor-not-encodable', `expected something CBOR can say, got ${typeof value}`)
  }

  /** Makes room for `lengthBytes`; returns where they begin. May put another buffer in place: look at it afterwards. */
  #reserve(lengthBytes: number): number {
    const from = this.#at
    this.#at = from + lengthBytes
    if (this.#at > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#at, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, from))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return from
  }

  #byte(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  #head(major: number, argument: number): void {
    const type = major << 5
    if (argument < 24) this.#byte(type + argument)
    else if (argument < 0x100) {
      this.#byte(type + 24)
      this.#byte(argument)
    } else if (argument < 0x1_0000) {
      this.#byte(type + 25)
      const at = this.#reserve(2)
      this.#view.setUint16(at, argument)
    } else if (argument < 0x1_0000_0000) {
      this.#byte(type + 26)
      const at = this.#reserve(4)
      this.#view.setUint32(at, argument)
    } else this.#wideHead(type, BigInt(argument))
  }

  #wideHead(type: number, argument: bigint): void {
    this.#byte(type + 27)
    const at = this.#reserve(8)
    this.#view.setBigUint64(at, argument)
  }

  #integer(value: number): void {
    if (!Number.isSafeInteger(value))
      throw new BugError('cbor-not-encodable', `expected an integer up to 2^53 − 1, got ${value}`)
    if (value >= 0) this.#head(0, value)
    else this.#head(1, -1 - value)
  }

  #bigInteger(value: bigint): void {
    const argument = value >= 0n ? value : -1n - value
    if (argument <= BigInt(Number.MAX_SAFE_INTEGER)) this.#head(value >= 0n ? 0 : 1, Number(argument))
    else if (argument < 1n << 64n) this.#wideHead(value >= 0n ? 0 : 1 << 5, argument)
    else throw new BugError('cbor-not-encodable', 'expected an integer of at most 64 bits')
  }

  #text(value: string): void {
    this.#sized(3, Buffer.from(value, 'utf8'))
  }

  #sized(major: number, content: Uint8Array): void {
    this.#head(major, content.length)
    const at = this.#reserve(content.length)
    this.#bytes.set(content, at)
  }

  #array(items: readonly unknown[]): void {
    this.#head(4, items.length)
    for (const item of items) this.item(item)
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    this.#head(5, map.size)
    for (const [key, value] of [...map].sort(byEncodedKey)) {
      this.item(key)
      this.item(value)
    }
  }

  #tagged({ tag, value }: Tagged): void {
    this.#head(6, tag)
    this.item(value)
  }
}

/** The order of the keys' encoded bytes, which is that of unsigned, negative, text; within each by argument, then content. */
function byEncodedKey([a]: readonly [unknown, unknown], [b]: readonly [unknown, unknown]): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (a >= 0) return b >= 0 ? a - b : -1
    return b >= 0 ? 1 : b - a
  }
  if (typeof a === 'string' && typeof b === 'string') {
    const [left, right] = [Buffer.from(a), Buffer.from(b)]
    return left.length - right.length || Buffer.compare(left, right)
  }
  if (typeof a === 'string' && typeof b === 'number') return 1
  if (typeof a === 'number' && typeof b === 'string') return -1
  throw new BugError('cbor-not-encodable', 'expected map keys to be integers or texts')
}

/** Deterministic encoding of numbers that are integers, texts, bytes, arrays, maps, booleans, null and Tagged. */
export function encodeCbor(value: unknown): Uint8Array {
  const writer = new Writer()
  writer.item(value)
  return writer.finish()
}
