/*
 * Damage that knows of no structure: serves texts, bodies, signatures and whole codes alike.
 */
import { concatBytes } from '@ankang/protocol'
import type { SeededRandom } from './seeded-random.ts'

/** One to three bits flipped. */
export function flipBits(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(bytes)
  for (let flips = 1 + random.below(3); flips > 0 && copy.length > 0; flips--) {
    const place = random.below(copy.length)
    copy[place] = (copy[place] ?? 0) ^ (1 << random.below(8))
  }
  return copy
}

/** Cut at some place, longer by up to four bytes at the end or within, or without up to four of its bytes. */
export function cutOrGrow(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(bytes.length + 1)
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return concatBytes(bytes, random.bytes(1 + random.below(4)))
    case 2:
      return concatBytes(bytes.subarray(0, at), random.bytes(1 + random.below(4)), bytes.subarray(at))
    default:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(4)))
  }
}

/** The beginning of one and the end of the other. */
export function splice(a: Uint8Array, b: Uint8Array, random: SeededRandom): Uint8Array {
  return concatBytes(a.subarray(0, random.below(a.length + 1)), b.subarray(random.below(b.length + 1)))
}
