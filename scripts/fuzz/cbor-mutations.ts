/*
 * Damage to CBOR that keeps it CBOR: another structure, or the same structure spelt otherwise.
 */
import {
  asArray,
  asBytes,
  asMap,
  CborFloat,
  type CborValue,
  concatBytes,
  decodeCbor,
  encodeCbor,
  Tagged,
} from '@ankang/protocol'
import { cutOrGrow, flipBits } from './byte-mutations.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Wider than any family's own, so that what a family refuses can still be taken apart here. */
export const LOOSE_LIMITS = { maxBytes: 8192, maxDepth: 16, foreign: true }

function randomItem(random: SeededRandom): unknown {
  switch (random.below(7)) {
    case 0:
      return random.below(2 ** 31)
    case 1:
      return -1 - random.below(70_001)
    case 2:
      return random.bytes(random.below(40))
    case 3:
      return random.pick(['', '341523', 'hall', '张*三', '\u0000'])
    case 4:
      return random.pick([null, true, false])
    case 5:
      return [random.below(4), random.below(2 ** 31)]
    default:
      return new Map([[random.below(10), random.below(10)]])
  }
}

/** The item with one place in it changed; byte strings that hold CBOR are entered, as headers and payloads are. */
export function changeTree(item: CborValue, random: SeededRandom): unknown {
  if (item instanceof Tagged)
    return random.below(8) === 0 ? item.value : new Tagged(item.tag, changeTree(item.value as CborValue, random))
  const map = asMap(item)
  if (map !== null) {
    const entries: [unknown, unknown][] = [...map]
    if (entries.length === 0 || random.below(8) === 0)
      return new Map([...entries, [random.below(12), randomItem(random)]])
    const at = random.below(entries.length)
    const [key, value] = entries[at] ?? [0, 0]
    if (random.below(8) === 0) entries.splice(at, 1)
    else entries[at] = [key, changeTree(value as CborValue, random)]
    return new Map(entries)
  }
  const items = asArray(item)
  if (items !== null) {
    const copy: unknown[] = [...items]
    const at = random.below(copy.length)
    if (random.below(8) === 0) copy.splice(at, random.below(2), randomItem(random))
    else copy[at] = changeTree((items[at] ?? null) as CborValue, random)
    return copy
  }
  const bytes = asBytes(item)
  if (bytes !== null && bytes.length > 0 && random.below(8) !== 0) {
    const inner = decodeCbor(bytes, LOOSE_LIMITS)
    if (inner.ok && (asMap(inner.value) !== null || asArray(inner.value) !== null))
      return encodeCbor(encodable(changeTree(inner.value, random)))
    return random.below(2) === 0 ? flipBits(bytes, random) : cutOrGrow(bytes, random)
  }
  if (typeof item === 'number' && random.below(3) !== 0) return item + random.pick([-1, 1, 60, 600, 86_400])
  return randomItem(random)
}

/** What our encoder can say of an item: it has no floats, and takes their whole part. */
export function encodable(item: unknown): unknown {
  if (item instanceof CborFloat) return Number.isFinite(item.value) ? Math.trunc(item.value) : null
  if (item instanceof Tagged) return new Tagged(item.tag, encodable(item.value))
  if (item instanceof Map) return new Map([...item].map(([key, value]) => [key, encodable(value)]))
  return Array.isArray(item) ? item.map(encodable) : item
}

/** CBOR with one place in its tree changed; flipped bits where it is no CBOR. */
export function changeCbor(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const item = decodeCbor(bytes, LOOSE_LIMITS)
  return item.ok ? encodeCbor(encodable(changeTree(item.value, random))) : flipBits(bytes, random)
}

/** The same structure spelt otherwise: a length or integer in more bytes than it needs, or an indefinite length. */
export function respell(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const heads: number[] = []
  for (let at = 0; at < bytes.length; at++) if (((bytes[at] ?? 0) & 31) <= 24) heads.push(at)
  const at = random.pick(heads)
  const head = bytes[at] ?? 0
  const small = head & 31
  const spelt =
    random.below(4) === 0 ? [(head & 0xe0) | 31] : small < 24 ? [(head & 0xe0) | 24, small] : [(head & 0xe0) | 25, 0] // 24 becomes 25 with a leading zero before the byte that follows
  return concatBytes(bytes.subarray(0, at), Uint8Array.from(spelt), bytes.subarray(at + 1))
}
