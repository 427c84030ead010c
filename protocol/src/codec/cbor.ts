import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Tagged, Tokenizer, Type } from 'cborg'

/** What strict decoding gives: maps stay maps, byte strings stay bytes, tags stay visible. */
export type CborValue = number | bigint | string | boolean | null | Uint8Array | Tagged | readonly CborValue[] | CborMap
export type CborMap = ReadonlyMap<CborValue, CborValue>

export interface CborLimits {
  readonly maxBytes: number
  /** Containers within containers, tags included. */
  readonly maxDepth: number
  /** Floating point is refused unless a foreign format needs it. */
  readonly floats?: boolean
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string }

const STRICT: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  tags: Tagged.preserve(18, 61),
}

class CborRefusal extends TypeError {}

interface OpenContainer {
  remaining: number
  readonly map: boolean
}

/** Holds back what cborg lets through: deep nesting, floats, keys that are neither integer nor text, broken UTF-8. */
class GuardedTokenizer extends Tokenizer {
  readonly #limits: CborLimits
  readonly #open: OpenContainer[] = []

  constructor(data: Uint8Array, limits: CborLimits) {
    super(data, STRICT)
    this.#limits = limits
  }

  override next() {
    const token = super.next()
    const parent = this.#open.at(-1)
    if (parent !== undefined) {
      const isKey = parent.map && parent.remaining % 2 === 0
      if (isKey && token.type !== Type.uint && token.type !== Type.negint && token.type !== Type.string) {
        throw new CborRefusal('a map key is neither integer nor text')
      }
      parent.remaining--
    }
    if (token.type === Type.float && this.#limits.floats !== true) throw new CborRefusal('floating point')
    if (token.type === Type.string && !isFaithful(String(token.value), token.encodedLength ?? 0))
      throw new CborRefusal('broken UTF-8')
    if (token.type === Type.array) this.#open.push({ remaining: Number(token.value), map: false })
    if (token.type === Type.map) this.#open.push({ remaining: Number(token.value) * 2, map: true })
    if (token.type === Type.tag) this.#open.push({ remaining: 1, map: false })
    if (this.#open.length > this.#limits.maxDepth) throw new CborRefusal(`nesting over ${this.#limits.maxDepth}`)
    while (this.#open.at(-1)?.remaining === 0) this.#open.pop()
    return token
  }
}

/** Whether `text` is what stood there: a decoder replaces broken bytes and drops a byte order mark without a word. */
function isFaithful(text: string, encodedBytes: number): boolean {
  const bytes = Buffer.byteLength(text)
  const head = bytes < 24 ? 1 : bytes < 256 ? 2 : bytes < 65_536 ? 3 : 5
  return bytes + head === encodedBytes && !text.includes('\uFFFD')
}

/**
 * Decodes exactly one CBOR item. Refused: duplicate keys, indefinite lengths, non-shortest integers, trailing bytes,
 * and whatever passes the limits. Lengths are checked against the input before anything is allocated.
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): Decoded<CborValue> {
  if (bytes.length > limits.maxBytes) return { ok: false, detail: `over ${limits.maxBytes} bytes` }
  try {
    return {
      ok: true,
      value: decode(bytes, { ...STRICT, tokenizer: new GuardedTokenizer(bytes, limits) }) as CborValue,
    }
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

/** Deterministic encoding, RFC 8949 §4.2.1. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions)
}

export { Tagged }

// Narrowing of decoded values: each returns null unless the value is exactly what is asked for.

export function asMap(value: CborValue | undefined): CborMap | null {
  return value instanceof Map ? value : null
}

export function asArray(value: CborValue | undefined): readonly CborValue[] | null {
  return Array.isArray(value) ? value : null
}

export function asBytes(
  value: CborValue | undefined,
  minLength = 0,
  maxLength = Number.MAX_SAFE_INTEGER,
): Uint8Array | null {
  return value instanceof Uint8Array && value.length >= minLength && value.length <= maxLength ? value : null
}

export function asText(value: CborValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** An unsigned integer up to `max`, by default 2^53 − 1. */
export function asUint(value: CborValue | undefined, max = Number.MAX_SAFE_INTEGER): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max ? value : null
}
