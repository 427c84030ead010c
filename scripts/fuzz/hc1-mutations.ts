/*
 * Ways to damage a foreign certificate, layer by layer: each is wrapped again soundly, so that the layers above let it through.
 */
import { constants, deflateRawSync, gzipSync, type ZlibOptions } from 'node:zlib'
import {
  ALGORITHMS,
  asMap,
  type CborMap,
  type CborValue,
  concatBytes,
  decodeCbor,
  encodeCbor,
  toHex,
  utf8,
} from '@ankang/protocol'
import { to32Bytes, toBigInt } from './big-numbers.ts'
import { cutOrGrow, flipBits, splice } from './byte-mutations.ts'
import { changeCbor, encodable, LOOSE_LIMITS, respell } from './cbor-mutations.ts'
import { P256_ORDER, twinOf } from './fixed-es256.ts'
import type { Mutations } from './fuzz-corpus.ts'
import { type Hc1Base, STRANGER, signParts } from './hc1-codes.ts'
import { fromCompressed, fromMessage, fromParts, type Hc1Parts } from './hc1-layers.ts'
import type { SeededRandom } from './seeded-random.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const PREFIX_BYTES = 4
const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
]
/** Grows past every limit a reader of certificates could have. */
const BOMB_BYTES = 100_000

/** Digits that decode to the same bytes where a reader forgets to bound them: a group's number and 2¹⁶, or 2⁸, are alike. */
function respellDigits(text: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(text)
  const groups = Math.floor((copy.length - PREFIX_BYTES) / 3)
  const at = PREFIX_BYTES + 3 * random.below(groups)
  const values = Array.from(copy.subarray(at, at + 3), code => DIGITS.indexOf(String.fromCharCode(code)))
  const [c = 0, d = 0, e = 0] = values
  const alias = c + 45 * d + 2025 * e + 65_536
  if (random.below(2) === 0 && alias < 45 ** 3) {
    const digits = [alias % 45, Math.floor(alias / 45) % 45, Math.floor(alias / 2025)]
    copy.set(utf8(digits.map(digit => DIGITS[digit] ?? '').join('')), at)
    return copy
  }
  const letter = copy[at] ?? 0
  if (letter >= 0x41 && letter <= 0x5a) copy[at] = letter | 0x20 // small letters are no digits
  return letter === copy[at] ? concatBytes(copy, utf8(random.pick([' ', '\n', '0', '00', '000']))) : copy
}

function compressOtherwise(random: SeededRandom): ZlibOptions {
  return {
    level: random.below(10),
    strategy: random.pick(STRATEGIES),
    windowBits: 9 + random.below(7),
    memLevel: 1 + random.below(9),
  }
}

function headerOf({ protectedBytes }: Hc1Parts): CborMap {
  const header = decodeCbor(protectedBytes, LOOSE_LIMITS)
  return (header.ok ? asMap(header.value) : null) ?? new Map()
}

function encodeHeader(header: CborMap, random: SeededRandom): Uint8Array {
  return header.size === 0 && random.below(2) === 0 ? new Uint8Array(0) : encodeCbor(encodable(header))
}

/** Parameters that lead elsewhere, where a reader takes them from the wrong header or the wrong type. */
function headerEntry(other: Hc1Parts, random: SeededRandom): readonly [CborValue, CborValue] {
  const foreign = [...headerOf(other), ...other.unprotected]
  const algorithms = [...Object.values(ALGORITHMS).map(({ coseId }) => coseId), 0, -257, 'ES256']
  return random.pick<readonly [CborValue, CborValue]>([
    [1, random.pick(algorithms)],
    [4, random.bytes(random.below(12))],
    [4, 'kid'],
    [2, [1]],
    [random.below(300), random.below(300)],
    ...foreign,
  ])
}

function moveHeaders(parts: Hc1Parts, random: SeededRandom): Hc1Parts {
  const header = new Map(headerOf(parts))
  const unprotected = new Map(parts.unprotected)
  const [from, to] = random.below(2) === 0 ? [header, unprotected] : [unprotected, header]
  for (const [label, value] of [...from])
    if (random.below(2) === 0) {
      to.set(label, value)
      if (random.below(2) === 0) from.delete(label)
    }
  const untouched = toHex(encodeCbor(encodable(header))) === toHex(encodeCbor(encodable(headerOf(parts))))
  const protectedBytes = untouched ? parts.protectedBytes : encodeHeader(header, random)
  return { ...parts, protectedBytes, unprotected }
}

function changeSignature(parts: Hc1Parts, other: Hc1Parts, random: SeededRandom): Hc1Parts {
  const { signature } = parts
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
  const zero = new Uint8Array(32)
  const made = random.pick<() => Uint8Array>([
    () => twinOf(signature),
    () => concatBytes(to32Bytes(toBigInt(r) + P256_ORDER), s),
    () => concatBytes(r, to32Bytes(toBigInt(s) + P256_ORDER)),
    () => concatBytes(to32Bytes(P256_ORDER - toBigInt(r)), s),
    () => concatBytes(s, r),
    () => random.pick([concatBytes(zero, zero), concatBytes(zero, s), concatBytes(r, zero)]),
    () => signature.subarray(signature.findIndex(byte => byte !== 0)),
    () => concatBytes(Uint8Array.of(0), signature),
    () => concatBytes(Uint8Array.of(0x30, 68, 2, 32), r, Uint8Array.of(2, 32), s), // as DER has it
    () => new Uint8Array(signature.length),
    () => new Uint8Array(random.below(300)),
    () => other.signature,
    () => flipBits(signature, random),
    () => cutOrGrow(signature, random),
  ])
  return { ...parts, signature: made() }
}

/** By name, for the figures. */
export const HC1_MUTATIONS: Mutations<Hc1Base> = {
  'text: bits': ({ bytes }, _, random) => flipBits(bytes, random),
  'text: digits': ({ bytes }, _, random) => {
    const copy = Uint8Array.from(bytes)
    for (let changes = 1 + random.below(3); changes > 0; changes--)
      copy[PREFIX_BYTES + random.below(copy.length - PREFIX_BYTES)] = DIGITS.charCodeAt(random.below(DIGITS.length))
    return copy
  },
  'text: cut or grown': ({ bytes }, _, random) => cutOrGrow(bytes, random),
  'text: spliced': ({ bytes }, other, random) => splice(bytes, other.bytes, random),
  'text: respelt': ({ bytes }, _, random) => respellDigits(bytes, random),
  'text: random': (_, __, random) =>
    concatBytes(random.below(2) === 0 ? utf8('HC1:') : new Uint8Array(0), random.bytes(random.below(400))),
  'zlib: bits': ({ compressed }, _, random) => fromCompressed(flipBits(compressed, random)),
  'zlib: cut or grown': ({ compressed }, _, random) => fromCompressed(cutOrGrow(compressed, random)),
  'zlib: spliced': ({ compressed }, other, random) => fromCompressed(splice(compressed, other.compressed, random)),
  'zlib: otherwise': ({ message }, _, random) => fromMessage(message, compressOtherwise(random)),
  'zlib: none, or another': ({ message, compressed }, _, random) =>
    fromCompressed(
      random.pick<() => Uint8Array>([
        () => message,
        () => deflateRawSync(message),
        () => gzipSync(message),
        () => concatBytes(compressed, compressed),
        () => concatBytes(compressed, random.bytes(1 + random.below(8))),
      ])(),
    ),
  'zlib: a bomb': ({ message }, _, random) =>
    fromMessage(concatBytes(message, new Uint8Array(random.below(BOMB_BYTES)).fill(random.below(256)))),
  'message: bits': ({ message }, _, random) => fromMessage(flipBits(message, random)),
  'message: cut or grown': ({ message }, _, random) => fromMessage(cutOrGrow(message, random)),
  'message: spliced': ({ message }, other, random) => fromMessage(splice(message, other.message, random)),
  'message: random': ({ message }, _, random) =>
    fromMessage(concatBytes(message.subarray(0, random.below(12)), random.bytes(random.below(400)))),
  'cose: changed': ({ message }, _, random) => fromMessage(changeCbor(message, random)),
  'cose: respelt': ({ message }, _, random) => fromMessage(respell(message, random)),
  'cose: tags': (base, _, random) =>
    fromParts({
      ...base,
      tags: random.pick([[], [18], [61, 18], [61], [18, 18], [61, 61, 18], [17], [98], [55_799, 18]]),
    }),
  'headers: unprotected filled': (base, other, random) =>
    fromParts({ ...base, unprotected: new Map([...base.unprotected, headerEntry(other, random)]) }),
  'headers: protected filled': (base, other, random) =>
    fromParts({
      ...base,
      protectedBytes: encodeCbor(encodable(new Map([...headerOf(base), headerEntry(other, random)]))),
    }),
  'headers: moved': (base, _, random) => fromParts(moveHeaders(base, random)),
  'headers: of another': (base, other) =>
    fromParts({ ...base, protectedBytes: other.protectedBytes, unprotected: other.unprotected }),
  'headers: respelt': (base, _, random) =>
    fromParts({
      ...base,
      protectedBytes: base.protectedBytes.length === 0 ? Uint8Array.of(0xa0) : respell(base.protectedBytes, random),
    }),
  'claims: changed': (base, _, random) => fromParts({ ...base, payload: changeCbor(base.payload, random) }),
  'claims: respelt': (base, _, random) => fromParts({ ...base, payload: respell(base.payload, random) }),
  'claims: bits': (base, _, random) => fromParts({ ...base, payload: flipBits(base.payload, random) }),
  'claims: of another': (base, other) => fromParts({ ...base, payload: other.payload }),
  'signature: changed': (base, other, random) => fromParts(changeSignature(base, other, random)),
  'signature: the twin': base => fromParts({ ...base, signature: twinOf(base.signature) }),
  // Somebody with a key of his own; and an issuer that signs what nobody foresaw.
  'stranger: signs': base => fromParts(signParts(base, STRANGER)),
  'stranger: signs changed claims': (base, _, random) =>
    fromParts(signParts({ ...base, payload: changeCbor(base.payload, random) }, STRANGER)),
  'issuer: signs changed claims': (base, _, random) =>
    fromParts(signParts({ ...base, payload: changeCbor(base.payload, random) }, base.key)),
  'issuer: signs other headers': (base, other, random) =>
    fromParts(
      signParts(
        { ...moveHeaders(base, random), unprotected: new Map([...base.unprotected, headerEntry(other, random)]) },
        base.key,
      ),
    ),
}
