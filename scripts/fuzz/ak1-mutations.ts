/*
 * Ways to damage an ak1 code: on its text, on the bytes below base45, and on the CBOR structure below those, so that every
 * layer is met with input that the layers above let through.
 */
import {
  asArray,
  asBytes,
  concatBytes,
  decodeBase45,
  decodeCbor,
  encodeBase45,
  encodeCbor,
  utf8,
} from '@ankang/protocol'
import { cutOrGrow, flipBits, splice } from './byte-mutations.ts'
import { changeCbor, LOOSE_LIMITS, respell } from './cbor-mutations.ts'
import type { FuzzBase, Mutations } from './fuzz-corpus.ts'
import type { SeededRandom } from './seeded-random.ts'

/** The layers of a code below its text. */
export interface Ak1Layers {
  readonly body: Uint8Array
  readonly credential: Uint8Array
  readonly proof: Uint8Array | null
}

export type Ak1Base = FuzzBase & Ak1Layers

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
/** Order of the Ed25519 base point, little-endian: S + L is the classic second signature of a message. */
const GROUP_ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex')

/** The layers of a code, or null when it has none: it is no base45, or no COSE inside. */
export function readAk1Layers(bytes: Uint8Array): Ak1Layers | null {
  const body = decodeBase45(bytes.subarray(4))
  const item = body === null ? null : decodeCbor(body, LOOSE_LIMITS)
  if (body === null || item === null || !item.ok) return null
  const pair = asArray(item.value)
  if (pair === null) return { body, credential: body, proof: null }
  const [credential, proof] = pair.map(part => asBytes(part))
  return credential == null || proof == null ? null : { body, credential, proof }
}

function fromBody(body: Uint8Array): Uint8Array {
  return utf8(`AK1:${encodeBase45(body)}`)
}

function fromParts(credential: Uint8Array, proof: Uint8Array | null): Uint8Array {
  return fromBody(proof === null ? credential : encodeCbor([credential, proof]))
}

// ——— on what is signed ———

/** The last 64 bytes of a COSE_Sign1 of ours are its signature. */
function changeSignature(message: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(message)
  const signature = copy.subarray(copy.length - 64)
  switch (random.below(4)) {
    case 0:
      addGroupOrder(signature.subarray(32))
      break
    case 1:
      signature.fill(0)
      break
    case 2:
      signature.set(Uint8Array.from([1, ...new Uint8Array(63)])) // the neutral point and S = 0
      break
    default:
      signature.set(flipBits(signature, random))
  }
  return copy
}

function addGroupOrder(scalar: Uint8Array): void {
  let carry = 0
  for (let place = 0; place < 32; place++) {
    const sum = (scalar[place] ?? 0) + (GROUP_ORDER[place] ?? 0) + carry
    scalar[place] = sum & 0xff
    carry = sum >> 8
  }
}

function onOnePart(original: Ak1Layers, random: SeededRandom, change: (part: Uint8Array) => Uint8Array): Uint8Array {
  const { credential, proof } = original
  if (proof !== null && random.below(2) === 0) return fromParts(credential, change(proof))
  return fromParts(change(credential), proof)
}

/** By name, for the figures. */
export const AK1_MUTATIONS: Mutations<Ak1Base> = {
  'text: bits': ({ bytes }, _, random) => flipBits(bytes, random),
  'text: digits': ({ bytes }, _, random) => {
    const copy = Uint8Array.from(bytes)
    for (let changes = 1 + random.below(3); changes > 0; changes--)
      copy[4 + random.below(copy.length - 4)] = DIGITS.charCodeAt(random.below(DIGITS.length))
    return copy
  },
  'text: cut or grown': ({ bytes }, _, random) => cutOrGrow(bytes, random),
  'text: spliced': ({ bytes }, other, random) => splice(bytes, other.bytes, random),
  'text: random': (_, __, random) =>
    concatBytes(random.below(2) === 0 ? utf8('AK1:') : new Uint8Array(0), random.bytes(random.below(400))),
  'body: bits': ({ body }, _, random) => fromBody(flipBits(body, random)),
  'body: cut or grown': ({ body }, _, random) => fromBody(cutOrGrow(body, random)),
  'body: spliced': ({ body }, other, random) => fromBody(splice(body, other.body, random)),
  'body: random': ({ body }, _, random) =>
    fromBody(concatBytes(body.subarray(0, 1 + random.below(8)), random.bytes(random.below(400)))),
  'cbor: changed': (original, _, random) => onOnePart(original, random, part => changeCbor(part, random)),
  'cbor: respelt': ({ body }, _, random) => fromBody(respell(body, random)),
  'parts: respelt': (original, _, random) => onOnePart(original, random, part => respell(part, random)),
  'parts: paired anew': ({ credential, proof }, other, random) =>
    fromParts(random.below(2) === 0 ? credential : other.credential, random.pick([null, proof, other.proof])),
  'parts: a signature changed': (original, _, random) =>
    onOnePart(original, random, part => changeSignature(part, random)),
  'parts: a signature moved': (original, other, random) =>
    onOnePart(original, random, part =>
      concatBytes(part.subarray(0, part.length - 64), other.credential.subarray(other.credential.length - 64)),
    ),
}
