/*
 * Ways to damage an ak1 code: on its text, on the bytes below base45, and on the CBOR structure below those, so that every
 * layer is met with input that the layers above let through.
 */
import {
  asArray,
  asBytes,
  asMap,
  type CborValue,
  concatBytes,
  decodeBase45,
  decodeCbor,
  encodeBase45,
  encodeCbor,
  Tagged,
  utf8,
} from '@ankang/protocol'
import type { SeededRandom } from './seeded-random.ts'

/** An original code, in the layers that mutations work on. */
export interface Original {
  /** As a scanner delivers it. */
  readonly bytes: Uint8Array
  readonly body: Uint8Array
  readonly credential: Uint8Array
  readonly proof: Uint8Array | null
}

type Mutation = (original: Original, other: Original, random: SeededRandom) => Uint8Array

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const LIMITS = { maxBytes: 4096, maxDepth: 16, floats: true }
/** Order of the Ed25519 base point, little-endian: S + L is the classic second signature of a message. */
const GROUP_ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex')

/** The layers of a code, or null when it has none: it is no base45, or no COSE inside. */
export function readOriginal(bytes: Uint8Array): Original | null {
  const body = decodeBase45(bytes.subarray(4))
  const item = body === null ? null : decodeCbor(body, LIMITS)
  if (body === null || item === null || !item.ok) return null
  const pair = asArray(item.value)
  if (pair === null) return { bytes, body, credential: body, proof: null }
  const [credential, proof] = pair.map(part => asBytes(part))
  return credential == null || proof == null ? null : { bytes, body, credential, proof }
}

function fromBody(body: Uint8Array): Uint8Array {
  return utf8(`AK1:${encodeBase45(body)}`)
}

function fromParts(credential: Uint8Array, proof: Uint8Array | null): Uint8Array {
  return fromBody(proof === null ? credential : encodeCbor([credential, proof]))
}

// ——— on plain bytes: serves the text and the body ———

function flipBits(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = Uint8Array.from(bytes)
  for (let flips = 1 + random.below(3); flips > 0 && copy.length > 0; flips--) {
    const place = random.below(copy.length)
    copy[place] = (copy[place] ?? 0) ^ (1 << random.below(8))
  }
  return copy
}

function cutOrGrow(bytes: Uint8Array, random: SeededRandom): Uint8Array {
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

function splice(a: Uint8Array, b: Uint8Array, random: SeededRandom): Uint8Array {
  return concatBytes(a.subarray(0, random.below(a.length + 1)), b.subarray(random.below(b.length + 1)))
}

// ——— on the CBOR tree ———

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
function changeTree(item: CborValue, random: SeededRandom): unknown {
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
    const inner = decodeCbor(bytes, LIMITS)
    if (inner.ok && (asMap(inner.value) !== null || asArray(inner.value) !== null))
      return encodeCbor(changeTree(inner.value, random))
    return random.below(2) === 0 ? flipBits(bytes, random) : cutOrGrow(bytes, random)
  }
  if (typeof item === 'number' && random.below(3) !== 0) return item + random.pick([-1, 1, 60, 600, 86_400])
  return randomItem(random)
}

function changeCbor(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const item = decodeCbor(bytes, LIMITS)
  return item.ok ? encodeCbor(changeTree(item.value, random)) : flipBits(bytes, random)
}

/** The same structure spelt otherwise: a length or integer in more bytes than it needs, or an indefinite length. */
function respell(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const heads: number[] = []
  for (let at = 0; at < bytes.length; at++) if (((bytes[at] ?? 0) & 31) <= 24) heads.push(at)
  const at = random.pick(heads)
  const head = bytes[at] ?? 0
  const small = head & 31
  const spelt =
    random.below(4) === 0 ? [(head & 0xe0) | 31] : small < 24 ? [(head & 0xe0) | 24, small] : [(head & 0xe0) | 25, 0] // 24 becomes 25 with a leading zero before the byte that follows
  return concatBytes(bytes.subarray(0, at), Uint8Array.from(spelt), bytes.subarray(at + 1))
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

function onOnePart(original: Original, random: SeededRandom, change: (part: Uint8Array) => Uint8Array): Uint8Array {
  const { credential, proof } = original
  if (proof !== null && random.below(2) === 0) return fromParts(credential, change(proof))
  return fromParts(change(credential), proof)
}

/** By name, for the figures. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
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
