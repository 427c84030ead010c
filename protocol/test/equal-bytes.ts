import { expect } from 'vitest'

/** Lets `toEqual` compare byte strings by their bytes alone: a Buffer and a Uint8Array of the same bytes are equal. */
export function compareBytesAsBytes(): void {
  expect.addEqualityTesters([
    (a: unknown, b: unknown): boolean | undefined =>
      a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : undefined,
  ])
}

/** A copy with the bits of `mask` flipped at `place`; a Buffer's own `slice` would share memory with the original. */
function flipped(bytes: Uint8Array, place: number, mask: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[place] = (copy[place] ?? 0) ^ mask
  return copy
}

/** Every copy of `bytes` with one bit flipped, and which. */
export function* everyBitFlipped(bytes: Uint8Array): Generator<readonly [bit: number, changed: Uint8Array]> {
  for (let bit = 0; bit < bytes.length * 8; bit++) yield [bit, flipped(bytes, bit >> 3, 1 << (bit & 7))]
}
