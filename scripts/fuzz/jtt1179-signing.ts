/*
 * Signs a ride code's three parts anew, for those who hold some of the keys. Source: formats.md §3.
 */
import { utf8 } from '@ankang/protocol'
import type { FixedSm2 } from './fixed-sm2.ts'
import {
  AUTHORISATION_BYTES,
  customBytesOf,
  fieldOf,
  RIDE_FIELDS,
  type RideFieldName,
  withField,
} from './jtt1179-fields.ts'

/** The version whose user ids are fields of the code. */
export const LOCAL = 0x81
const DEFAULT_USER_ID = utf8('1234567812345678')

function userId(code: Uint8Array, ...local: readonly RideFieldName[]): Uint8Array {
  return code[0] === LOCAL
    ? new Uint8Array(Buffer.concat(local.map(name => fieldOf(code, RIDE_FIELDS[name]))))
    : DEFAULT_USER_ID
}

/** What the phone signs: everything up to its signature's tag. */
export function signAccount(code: Uint8Array, phone: FixedSm2): Uint8Array {
  const [tag] = RIDE_FIELDS['account tag'](customBytesOf(code))
  const signature = phone.sign(userId(code, 'card account'), code.subarray(0, tag))
  return withField(code, RIDE_FIELDS['account signature'], signature)
}

export function signIssuer(code: Uint8Array, issuer: FixedSm2): Uint8Array {
  const [tag] = RIDE_FIELDS['issuer tag'](customBytesOf(code))
  const signature = issuer.sign(userId(code, 'issuer', 'platform'), code.subarray(AUTHORISATION_BYTES(0)[0], tag))
  return withField(code, RIDE_FIELDS['issuer signature'], signature)
}

export function signCertificate(code: Uint8Array, root: FixedSm2): Uint8Array {
  const [from] = RIDE_FIELDS['certificate format'](0)
  const [end] = RIDE_FIELDS['root signature'](0)
  const signature = root.sign(userId(code, 'service', 'root index'), code.subarray(from, end))
  return withField(code, RIDE_FIELDS['root signature'], signature)
}
