/*
 * Where each field of a ride code lies. Source: formats.md §3; on purpose not taken from the family under trial.
 */

/** Offset and bytes; both may depend on L, the custom field's length. */
export type RideField = (customBytes: number) => readonly [offset: number, lengthBytes: number]

const CERTIFICATE = {
  'certificate header': [3, 1],
  service: [4, 4],
  'root index': [8, 1],
  'certificate format': [9, 1],
  'certificate issuer': [10, 4],
  'expiry month': [14, 1],
  'expiry year': [15, 1],
  serial: [16, 3],
  'sign algorithm': [19, 1],
  'encrypt algorithm': [20, 1],
  parameters: [21, 1],
  'key length': [22, 1],
  'issuer key': [23, 33],
  'root signature': [56, 64],
} as const

const BEFORE_CUSTOM = {
  version: [0, 1],
  length: [1, 2],
  ...CERTIFICATE,
  'payment account': [120, 16],
  'card account': [136, 10],
  issuer: [146, 4],
  platform: [150, 4],
  'account type': [154, 1],
  'ride limit': [155, 3],
  'account key': [158, 33],
  'authorised until': [191, 4],
  validity: [195, 2],
  'custom length': [197, 1],
} as const

const fixed =
  ([offset, lengthBytes]: readonly [number, number]): RideField =>
  () => [offset, lengthBytes]

export const RIDE_FIELDS = {
  ...(Object.fromEntries(Object.entries(BEFORE_CUSTOM).map(([name, place]) => [name, fixed(place)])) as Record<
    keyof typeof BEFORE_CUSTOM,
    RideField
  >),
  custom: L => [198, L],
  'issuer tag': L => [198 + L, 1],
  'issuer signature': L => [199 + L, 64],
  'generated at': L => [263 + L, 4],
  'account tag': L => [267 + L, 1],
  'account signature': L => [268 + L, 64],
} satisfies Record<string, RideField>

export type RideFieldName = keyof typeof RIDE_FIELDS
export const RIDE_FIELD_NAMES = Object.keys(RIDE_FIELDS) as RideFieldName[]

/** The certificate as a whole, and all that the platform hands to a phone, its signature included. */
export const CERTIFICATE_BYTES: RideField = () => [3, 117]
export const AUTHORISATION_BYTES: RideField = L => [3, 260 + L]

/** What a code says that L is. */
export function customBytesOf(code: Uint8Array): number {
  return code[197] ?? 0
}

/** A view, not a copy. */
export function fieldOf(code: Uint8Array, field: RideField): Uint8Array {
  const [offset, lengthBytes] = field(customBytesOf(code))
  return code.subarray(offset, offset + lengthBytes)
}

/** A copy of the code with one field's place overwritten, as far as the value reaches. */
export function withField(code: Uint8Array, field: RideField, value: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(code)
  const place = fieldOf(copy, field)
  place.set(value.subarray(0, place.length))
  return copy
}

/** A big-endian number in a field. */
export function uintOf(code: Uint8Array, field: RideField): number {
  return fieldOf(code, field).reduce((sum, byte) => sum * 256 + byte, 0)
}

/** A big-endian number, modulo what the bytes can hold. */
export function uintBytes(value: number, lengthBytes: number): Uint8Array {
  return Uint8Array.from(
    { length: lengthBytes },
    (_, place) => Math.floor(value / 256 ** (lengthBytes - 1 - place)) & 0xff,
  )
}
