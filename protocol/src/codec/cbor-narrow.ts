import type { CborMap, CborValue } from './cbor.ts'

/* Narrowing of decoded values: each returns null unless the value is exactly what is asked for. */

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
