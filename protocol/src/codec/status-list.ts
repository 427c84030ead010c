/*
 * Token Status List (IETF draft-ietf-oauth-status-list), 2 bits an entry, least significant bits first:
 *
 *   byte k:  bits 7-6 entry 4k+3 · 5-4 entry 4k+2 · 3-2 entry 4k+1 · 1-0 entry 4k      then zlib
 */
import { deflateSync, inflateSync } from 'node:zlib'
import type { Decoded } from './cbor.ts'

/** Raw bytes of the largest list we open: sixteen million entries, sixteen times the county. */
export const MAX_STATUS_LIST_BYTES = 4 * 1024 * 1024

/** 0 VALID green · 1 INVALID revoked · 2 SUSPENDED red · 3 application-specific, here yellow. Source: formats.md §1. */
export type StatusValue = 0 | 1 | 2 | 3

export interface StatusEntries {
  /** Number of entries the bytes hold. */
  readonly size: number
  readonly raw: Uint8Array
}

/** Opens a compressed list. A list that inflates past the limit is refused before it is held. */
export function decodeStatusList(compressed: Uint8Array): Decoded<StatusEntries> {
  try {
    const raw = new Uint8Array(inflateSync(compressed, { maxOutputLength: MAX_STATUS_LIST_BYTES }))
    return { ok: true, value: { size: raw.length * 4, raw } }
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

/** The compressed form of `values`, zlib level 9. Values beyond the last are 0 up to the byte's end. */
export function encodeStatusList(values: ArrayLike<number>): Uint8Array {
  const raw = new Uint8Array(Math.ceil(values.length / 4))
  for (let index = 0; index < values.length; index++) {
    raw[index >> 2] = (raw[index >> 2] ?? 0) | (((values[index] ?? 0) & 3) << ((index & 3) * 2))
  }
  return new Uint8Array(deflateSync(raw, { level: 9 }))
}

/** The value at `index`, or null outside the list, where there is no evidence. */
export function statusAt(list: StatusEntries, index: number): StatusValue | null {
  const byte = list.raw[index >>> 2]
  if (index < 0 || index >= list.size || byte === undefined) return null
  return ((byte >> ((index & 3) * 2)) & 3) as StatusValue
}
