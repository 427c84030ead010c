/*
 * Ways to damage a ride code: as bytes, field by field, and as somebody would who holds keys of his own.
 */
import { concatBytes } from '@ankang/protocol'
import { to32Bytes, toBigInt } from './big-numbers.ts'
import { cutOrGrow, flipBits, splice } from './byte-mutations.ts'
import { SM2_ORDER } from './fixed-sm2.ts'
import type { Mutations } from './fuzz-corpus.ts'
import { type RideBase, STRANGER } from './jtt1179-codes.ts'
import {
  CERTIFICATE_BYTES,
  customBytesOf,
  fieldOf,
  RIDE_FIELD_NAMES,
  RIDE_FIELDS,
  type RideFieldName,
  uintBytes,
  uintOf,
  withField,
} from './jtt1179-fields.ts'
import { signAccount, signCertificate, signIssuer } from './jtt1179-signing.ts'
import type { SeededRandom } from './seeded-random.ts'

const TIMES: readonly RideFieldName[] = ['generated at', 'authorised until', 'validity', 'expiry month', 'expiry year']
const SIGNATURES: readonly RideFieldName[] = ['root signature', 'issuer signature', 'account signature']
/** Offset and seconds around now that decide: windows, skew, validity, a day, a wrapped sign. */
const STEPS = [-86_400, -1201, -601, -61, -1, 0, 1, 20, 21, 60, 600, 86_400, 2 ** 31]
const CUSTOM_LIMIT = 32

const anyField = (random: SeededRandom): RideFieldName => random.pick(RIDE_FIELD_NAMES)

/** A value on the edge of what the field can hold or should, or any. */
function edgeValue(code: Uint8Array, name: RideFieldName, random: SeededRandom): Uint8Array {
  const place = fieldOf(code, RIDE_FIELDS[name])
  const bytes = place.length
  switch (random.below(7)) {
    case 0:
      return new Uint8Array(bytes)
    case 1:
      return new Uint8Array(bytes).fill(0xff)
    case 2:
      return random.bytes(bytes)
    case 3:
      return flipBits(place, random)
    case 4:
      return uintBytes(uintOf(code, RIDE_FIELDS[name]) + random.pick([-1, 1, 256]), Math.min(bytes, 6))
    case 5:
      return Uint8Array.from(place, byte => byte ^ 0x80)
    default:
      return uintBytes(random.below(256), bytes)
  }
}

function changeField(code: Uint8Array, name: RideFieldName, random: SeededRandom): Uint8Array {
  return withField(code, RIDE_FIELDS[name], edgeValue(code, name, random))
}

/** The custom field given another length, with every length that depends on it in accord. */
function resizeCustom(code: Uint8Array, customBytes: number, random: SeededRandom): Uint8Array {
  const [from, had] = RIDE_FIELDS.custom(customBytesOf(code))
  const filled = concatBytes(code.subarray(from, from + had), random.bytes(customBytes)).subarray(0, customBytes)
  const resized = concatBytes(code.subarray(0, from), filled, code.subarray(from + had))
  const sound = withField(resized, RIDE_FIELDS['custom length'], uintBytes(customBytes, 1))
  return withField(sound, RIDE_FIELDS.length, uintBytes(sound.length - 3, 2))
}

/** The head's length, L and the bytes that are there, at odds with each other. */
function quarrelLengths(code: Uint8Array, random: SeededRandom): Uint8Array {
  const said = random.pick([0, 1, 31, CUSTOM_LIMIT, CUSTOM_LIMIT + 1, 64, 255])
  switch (random.below(4)) {
    case 0:
      return withField(code, RIDE_FIELDS['custom length'], uintBytes(said, 1))
    case 1:
      return withField(code, RIDE_FIELDS.length, uintBytes(329 + said, 2))
    case 2:
      return resizeCustom(code, said, random)
    default: {
      const resized = resizeCustom(code, said, random)
      return withField(resized, RIDE_FIELDS.length, uintBytes(random.below(400), 2))
    }
  }
}

/** The key in this field replaced: by another's, by its own negative, by what is no point. */
function changeKey(code: Uint8Array, name: 'account key' | 'issuer key', other: Uint8Array, random: SeededRandom) {
  const key = Uint8Array.from(fieldOf(code, RIDE_FIELDS[name]))
  switch (random.below(5)) {
    case 0:
      return withField(code, RIDE_FIELDS[name], other)
    case 1:
      key[0] = (key[0] ?? 0) ^ 1 // 02 ↔ 03: the same x, the other y
      break
    case 2:
      key[0] = random.pick([0, 1, 4, 5, 6, 7, 0xff])
      break
    case 3:
      key.set(random.bytes(32), 1) // no point of the curve for every other x
      break
    default:
      key.fill(random.pick([0, 0xff]), 1)
  }
  return withField(code, RIDE_FIELDS[name], key)
}

function changeSignature(code: Uint8Array, name: RideFieldName, other: Uint8Array, random: SeededRandom): Uint8Array {
  const signature = Uint8Array.from(fieldOf(code, RIDE_FIELDS[name]))
  const [r, s] = [signature.slice(0, 32), signature.slice(32)]
  const set = (first: Uint8Array, second: Uint8Array) => withField(code, RIDE_FIELDS[name], concatBytes(first, second))
  const zero = new Uint8Array(32)
  const order = to32Bytes(SM2_ORDER)
  switch (random.below(10)) {
    case 0:
      return set(zero, zero)
    case 1:
      return random.below(2) === 0 ? set(zero, s) : set(r, zero)
    case 2:
      return set(to32Bytes(toBigInt(r) + SM2_ORDER), s)
    case 3:
      return set(r, to32Bytes(toBigInt(s) + SM2_ORDER))
    case 4:
      return set(r, to32Bytes(SM2_ORDER - toBigInt(s))) // what makes a second signature of an ECDSA one
    case 5:
      return set(r, to32Bytes(SM2_ORDER - toBigInt(r))) // r + s = 0 modulo n, which the standard forbids
    case 6:
      return random.below(2) === 0 ? set(s, r) : set(order, order)
    case 7:
      return withField(code, RIDE_FIELDS[name], fieldOf(code, RIDE_FIELDS[random.pick(SIGNATURES)]))
    case 8:
      return withField(code, RIDE_FIELDS[name], fieldOf(other, RIDE_FIELDS[random.pick(SIGNATURES)]))
    default:
      return set(flipBits(r, random), flipBits(s, random))
  }
}

function changeTime(code: Uint8Array, now: number, random: SeededRandom): Uint8Array {
  const name = random.pick(TIMES)
  const [, bytes] = RIDE_FIELDS[name](customBytesOf(code))
  if (bytes === 1) return withField(code, RIDE_FIELDS[name], Uint8Array.of(random.below(256))) // BCD, and what is none
  const value = name === 'validity' ? random.pick([0, 1, 599, 601, 1199, 1200, 1201, 65_535]) : now + random.pick(STEPS)
  return withField(code, RIDE_FIELDS[name], uintBytes(value, bytes))
}

const flipVersion = (code: Uint8Array): Uint8Array =>
  withField(code, RIDE_FIELDS.version, Uint8Array.of((code[0] ?? 0) ^ 1))

/** By name, for the figures. */
export const RIDE_MUTATIONS: Mutations<RideBase> = {
  'bytes: bits': ({ bytes }, _, random) => flipBits(bytes, random),
  'bytes: cut or grown': ({ bytes }, _, random) => cutOrGrow(bytes, random),
  'bytes: cut to any size': ({ bytes }, _, random) =>
    concatBytes(bytes, random.bytes(400)).subarray(0, random.below(401)),
  'bytes: spliced': ({ bytes }, other, random) => splice(bytes, other.bytes, random),
  'bytes: spliced in place': ({ bytes }, other, random) => {
    const at = random.below(bytes.length)
    return concatBytes(bytes.subarray(0, at), other.bytes.subarray(at))
  },
  'bytes: random': (_, __, random) => {
    const bytes = random.bytes(random.below(401))
    if (random.below(2) === 0) bytes.set([random.pick([0x80, 0x81])].slice(0, bytes.length))
    if (random.below(2) === 0 && bytes.length > 2) bytes.set(uintBytes(bytes.length - 3, 2), 1)
    return bytes
  },
  'lengths: at odds': ({ bytes }, _, random) => quarrelLengths(bytes, random),
  'lengths: another custom field': ({ bytes }, _, random) =>
    resizeCustom(bytes, random.below(CUSTOM_LIMIT + 1), random),
  'field: edge value': ({ bytes }, _, random) => changeField(bytes, anyField(random), random),
  'field: two': ({ bytes }, _, random) =>
    changeField(changeField(bytes, anyField(random), random), anyField(random), random),
  'field: of another code': ({ bytes }, other, random) => {
    const name = anyField(random)
    return withField(bytes, RIDE_FIELDS[name], fieldOf(other.bytes, RIDE_FIELDS[name]))
  },
  'field: times': ({ bytes, now }, _, random) => changeTime(bytes, now, random),
  'version: the other': ({ bytes }, _, random) =>
    random.below(2) === 0 ? flipVersion(bytes) : changeField(flipVersion(bytes), anyField(random), random),
  'certificate: of another code': ({ bytes }, other) =>
    withField(bytes, CERTIFICATE_BYTES, fieldOf(other.bytes, CERTIFICATE_BYTES)),
  'key: the account’s': ({ bytes }, other, random) =>
    changeKey(bytes, 'account key', random.pick([other.phone, STRANGER]).compressed, random),
  'key: the issuer’s': ({ bytes }, other, random) =>
    changeKey(bytes, 'issuer key', random.pick([other.issuer, STRANGER]).compressed, random),
  'signature: changed': ({ bytes }, other, random) =>
    changeSignature(bytes, random.pick(SIGNATURES), other.bytes, random),
  // What a rider can do, who holds the key of his own account:
  'phone: shows at another time': ({ bytes, now, phone }, _, random) => {
    const at = uintBytes(now + random.pick(STEPS), 4)
    return signAccount(withField(bytes, RIDE_FIELDS['generated at'], at), phone)
  },
  'phone: signs once more': ({ bytes, phone }, _, random) =>
    signAccount(withField(bytes, RIDE_FIELDS['issuer tag'], random.bytes(1)), phone),
  'phone: signs what it changed': ({ bytes, phone }, _, random) =>
    signAccount(changeField(bytes, anyField(random), random), phone),
  'phone: signs the other version': ({ bytes, phone }) => signAccount(flipVersion(bytes), phone),
  'phone: signs for another account': ({ bytes, phone }, other) =>
    signAccount(withField(bytes, RIDE_FIELDS['account key'], other.phone.compressed), phone),
  'phone: puts its key into the account': ({ bytes }) =>
    signAccount(withField(bytes, RIDE_FIELDS['account key'], STRANGER.compressed), STRANGER),
  // What an issuer of the scheme can do, in its own name and in another's; and somebody with a whole chain of his own:
  'issuer: issues on the edge': ({ bytes, now, issuer, phone }, _, random) => {
    const changed =
      random.below(2) === 0 ? changeField(bytes, anyField(random), random) : changeTime(bytes, now, random)
    return signAccount(signIssuer(changed, issuer), phone)
  },
  'issuer: for another issuer': ({ bytes, issuer, phone }, other) => {
    const posing = withField(bytes, RIDE_FIELDS.issuer, fieldOf(other.bytes, RIDE_FIELDS.issuer))
    return signAccount(signIssuer(posing, issuer), phone)
  },
  'stranger: a chain of his own': ({ bytes }, _, random) => {
    const root = random.below(4) === 0 ? random.below(256) : uintOf(bytes, RIDE_FIELDS['root index'])
    const rooted = withField(bytes, RIDE_FIELDS['root index'], Uint8Array.of(root))
    const keyed = withField(rooted, RIDE_FIELDS['issuer key'], STRANGER.compressed)
    const owned = withField(keyed, RIDE_FIELDS['account key'], STRANGER.compressed)
    return signAccount(signIssuer(signCertificate(owned, STRANGER), STRANGER), STRANGER)
  },
}
