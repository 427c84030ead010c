/*
 * CBOR, RFC 8949, as far as the contract uses it: encoded deterministically (§4.2.1), decoded strictly.
 *
 *   head   major type (3 bits) · 0…23, or 24/25/26/27 for 1/2/4/8 bytes of argument, shortest form only
 *   major  0 unsigned · 1 negative, −1−n · 2 bytes · 3 text · 4 array · 5 map · 6 tag 18 or 61 · 7 false, true, null, floats
 *
 * On the way of every showing, and of every record at the centre: one pass, no intermediate tokens.
 */
import { toHex } from './bytes.ts'
/** A tagged item, its tag kept visible. */
export class Tagged<T = unknown> {
  readonly tag: number
  readonly value: T

  constructor(tag: number, value: T) {
    this.tag = tag
    this.value = value
  }
}

/** A floating-point number: kept apart, so that 1.0 is never taken for the integer 1. */
export class CborFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** What strict decoding gives: maps stay maps, byte strings stay views of the input, tags stay visible. */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | CborFloat
  | Tagged<CborValue>
  | readonly CborValue[]
  | CborMap
export type CborMap = ReadonlyMap<CborValue, CborValue>

export interface CborLimits {
  readonly maxBytes: number
  /** Containers within containers, tags included. */
  readonly maxDepth: number
  /** Takes what others may write where nobody reads it: floats, any tag, byte strings as keys. Refused by default. */
  readonly foreign?: boolean
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string }

const TAGS: readonly number[] = [18, 61]
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** Thrown and caught inside this file only: the shortest way out of a deep structure. */
class CborRefusal extends TypeError {}

class Reader {
  at = 0
  readonly #bytes: Uint8Array
  readonly #limits: CborLimits
  #depth = 0

  constructor(bytes: Uint8Array, limits: CborLimits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  /** For what is rare: a view costs more to make than a small item to read. */
  get #view(): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
  }

  item(): CborValue {
    const head = this.#take(1)
    const minor = (this.#bytes[head] ?? 0) & 31
    const major = (this.#bytes[head] ?? 0) >> 5
    if (major === 7) return this.#simple(minor)
    const argument = this.#argument(minor)
    if (major === 0) return argument
    if (major === 1)
      return typeof argument === 'bigint' || argument === Number.MAX_SAFE_INTEGER
        ? -1n - BigInt(argument)
        : -1 - argument
    if (typeof argument === 'bigint') throw new CborRefusal('a length beyond the input')
    return this.#sized(major, argument)
  }

  /** Moves on by `lengthBytes` that must be there; returns where they begin. */
  #take(lengthBytes: number): number {
    const from = this.at
    if (lengthBytes > this.#bytes.length - from) throw new CborRefusal('the input ends within an item')
    this.at = from + lengthBytes
    return from
  }

  #argument(minor: number): number | bigint {
    if (minor < 24) return minor
    if (minor === 24) return this.#shortest(this.#uint(1), 24)
    if (minor === 25) return this.#shortest(this.#uint(2), 0x100)
    if (minor === 26) return this.#shortest(this.#uint(4), 0x1_0000)
    if (minor > 27) throw new CborRefusal(minor === 31 ? 'indefinite length' : `reserved length ${minor}`)
    const wide = this.#view.getBigUint64(this.#take(8))
    return wide > MAX_SAFE ? wide : this.#shortest(Number(wide), 0x1_0000_0000)
  }

  #uint(lengthBytes: 1 | 2 | 4): number {
    let value = 0
    for (let at = this.#take(lengthBytes); at < this.at; at++) value = value * 256 + (this.#bytes[at] ?? 0)
    return value
  }

  #shortest(value: number, least: number): number {
    if (value < least) throw new CborRefusal('an integer longer than it need be')
    return value
  }

  #sized(major: number, length: number): CborValue {
    if (major === 2 || major === 3) {
      const from = this.#take(length)
      const content = this.#bytes.subarray(from, from + length)
      return major === 2 ? content : text(content)
    }
    this.#depth++
    if (this.#depth > this.#limits.maxDepth) throw new CborRefusal(`nesting over ${this.#limits.maxDepth}`)
    const value = major === 4 ? this.#array(length) : major === 5 ? this.#map(length) : this.#tagged(length)
    this.#depth--
    return value
  }

  /** Every item takes a byte at least: a count beyond the input is refused before anything is made for it. */
  #room(items: number): void {
    if (items > this.#bytes.length - this.at) throw new CborRefusal('more items than the input can hold')
  }

  #array(length: number): CborValue[] {
    this.#room(length)
    const items: CborValue[] = []
    for (let i = 0; i < length; i++) items.push(this.item())
    return items
  }

  #map(length: number): CborMap {
    this.#room(length * 2)
    const map = new Map<CborValue, CborValue>()
    let foreignKeys: Set<string> | null = null
    for (let i = 0; i < length; i++) {
      const key = this.item()
      if (typeof key !== 'number' && typeof key !== 'string') {
        foreignKeys ??= new Set()
        this.#foreignKey(key, foreignKeys)
      }
      // Never the key itself: what a stranger wrote there would end in a log.
      if (map.has(key)) throw new CborRefusal('a key stands twice')
      map.set(key, this.item())
    }
    return map
  }

  /** A Map knows byte strings by identity, so that their duplicates are looked for beside it. */
  #foreignKey(key: CborValue, seen: Set<string>): void {
    if (this.#limits.foreign !== true || !(key instanceof Uint8Array))
      throw new CborRefusal('a map key is neither integer nor text')
    const name = toHex(key)
    if (seen.has(name)) throw new CborRefusal('a key stands twice')
    seen.add(name)
  }

  #tagged(tag: number): Tagged<CborValue> {
    if (this.#limits.foreign !== true && !TAGS.includes(tag)) throw new CborRefusal(`tag ${tag}`)
    return new Tagged(tag, this.item())
  }

  #simple(minor: number): CborValue {
    if (minor === 20 || minor === 21) return minor === 21
    if (minor === 22) return null
    if (minor < 25 || minor > 27)
      throw new CborRefusal(minor === 31 ? 'a break without a beginning' : `simple value ${minor}`)
    if (this.#limits.foreign !== true) throw new CborRefusal('floating point')
    const value =
      minor === 27
        ? this.#view.getFloat64(this.#take(8))
        : minor === 26
          ? this.#view.getFloat32(this.#take(4))
          : half(this.#view.getUint16(this.#take(2)))
    return new CborFloat(value)
  }
}

/** A decoder that mends broken UTF-8 or drops a byte order mark would make two codes of one. */
function text(bytes: Uint8Array): string {
  try {
    return TEXT.decode(bytes)
  } catch (error) {
    throw new CborRefusal('broken UTF-8', { cause: error })
  }
}

/** Half precision. Source: RFC 8949 Appendix D. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 0x3ff
  const magnitude =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent === 31
        ? mantissa === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (mantissa + 1024) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -magnitude : magnitude
}

/**
 * Decodes exactly one CBOR item. Refused: duplicate keys, keys but integers and texts, indefinite lengths, anything longer
 * than it need be, broken UTF-8, other tags than 18 and 61, trailing bytes, and whatever passes the limits.
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): Decoded<CborValue> {
  if (bytes.length > limits.maxBytes) return { ok: false, detail: `over ${limits.maxBytes} bytes` }
  const reader = new Reader(bytes, limits)
  try {
    const value = reader.item()
    return reader.at === bytes.length
      ? { ok: true, value }
      : { ok: false, detail: `${bytes.length - reader.at} bytes too many` }
  } catch (error) {
    if (error instanceof CborRefusal) return { ok: false, detail: error.message }
    throw error
  }
}
