/*
 * COSE_Sign1, RFC 9052 §4.2:   18([ protected bstr, unprotected map, payload bstr, signature bstr ])
 * what is signed:              [ "Signature1", protected bstr, external_aad bstr, payload bstr ]
 *
 * decodeSign1 is the core that any COSE_Sign1 passes; the profile of this project (exact headers, tag required) stands
 * on top of it, and beside it decodeSignedCwt, for tokens of others. What was received is verified as received, never
 * re-encoded.
 */
import {
  ALGORITHMS,
  type AlgorithmName,
  type PrivateKey,
  type PublicKey,
  signEd25519,
  verifySignature,
} from '../crypto.ts'
import { concatBytes, utf8 } from './bytes.ts'
import { type CborLimits, type CborMap, type CborValue, type Decoded, decodeCbor, Tagged } from './cbor.ts'
import { encodeCbor } from './cbor-encode.ts'
import { asArray, asBytes, asMap } from './cbor-narrow.ts'

const SIGN1_TAG = 18
const CWT_TAG = 61
const ALG = 1
const KID = 4
const NO_BYTES = new Uint8Array(0)

export interface Sign1 {
  readonly tagged: boolean
  readonly protectedBytes: Uint8Array
  readonly protectedHeader: CborMap
  readonly unprotected: CborMap
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

function refused(detail: string): { ok: false; detail: string } {
  return { ok: false, detail }
}

/** Any COSE_Sign1, tagged or not, with whatever headers it has; detached payloads are refused. */
export function decodeSign1(bytes: Uint8Array, limits: CborLimits): Decoded<Sign1> {
  const item = decodeCbor(bytes, limits)
  return item.ok ? readSign1(item.value, limits) : item
}

/** A COSE_Sign1 that may say that it is a CWT: 61(18(…)), 18(…) or untagged. Source: RFC 8392 §6. */
export function decodeSignedCwt(bytes: Uint8Array, limits: CborLimits): Decoded<Sign1> {
  const item = decodeCbor(bytes, limits)
  if (!item.ok) return item
  if (!(item.value instanceof Tagged) || item.value.tag !== CWT_TAG) return readSign1(item.value, limits)
  const inner = item.value.value
  return inner instanceof Tagged ? readSign1(inner, limits) : refused(`tag ${CWT_TAG} around no COSE tag`)
}

function readSign1(item: CborValue, limits: CborLimits): Decoded<Sign1> {
  const tagged = item instanceof Tagged
  if (tagged && item.tag !== SIGN1_TAG) return refused(`tag ${item.tag}, expected ${SIGN1_TAG}`)
  const parts = asArray(tagged ? item.value : item)
  if (parts?.length !== 4) return refused('not an array of four')
  const protectedBytes = asBytes(parts[0])
  const unprotected = asMap(parts[1])
  const payload = asBytes(parts[2])
  const signature = asBytes(parts[3])
  if (protectedBytes === null || unprotected === null || payload === null || signature === null)
    return refused('a part of the wrong type')
  if (protectedBytes.length === 0)
    return { ok: true, value: { tagged, protectedBytes, protectedHeader: new Map(), unprotected, payload, signature } }
  const header = decodeCbor(protectedBytes, limits)
  if (!header.ok) return refused(`protected header: ${header.detail}`)
  const protectedHeader = asMap(header.value)
  if (protectedHeader === null) return refused('protected header is not a map')
  return { ok: true, value: { tagged, protectedBytes, protectedHeader, unprotected, payload, signature } }
}

/** A header parameter: what is signed goes before what anybody could have put there. */
function header({ protectedHeader, unprotected }: Sign1, label: number): CborValue | undefined {
  return protectedHeader.has(label) ? protectedHeader.get(label) : unprotected.get(label)
}

/** The key id a message names, protected header first. Null when it names none. */
export function sign1KeyId(message: Sign1): Uint8Array | null {
  return asBytes(header(message, KID))
}

/** The algorithm a message names, protected header first. Null when it names none of ours. */
export function sign1Algorithm(message: Sign1): AlgorithmName | null {
  const id = header(message, ALG)
  for (const name of Object.keys(ALGORITHMS) as AlgorithmName[]) if (ALGORITHMS[name].coseId === id) return name
  return null
}

const STRUCTURE_HEAD = concatBytes(new Uint8Array([0x84]), encodeCbor('Signature1'))

/** Bytes of a byte string's head, shortest form. Source: RFC 8949 §3.1. */
function headBytes(length: number): number {
  return length < 24 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5
}

/** Writes a byte string, head first, at `at`; returns where the next item begins. */
function putByteString(target: Buffer, at: number, content: Uint8Array): number {
  const { length } = content
  const from = at + headBytes(length)
  if (length < 24) target[at] = 0x40 + length
  else {
    const argumentBytes = from - at - 1
    target[at] = argumentBytes === 1 ? 0x58 : argumentBytes === 2 ? 0x59 : 0x5a
    target.writeUIntBE(length, at + 1, argumentBytes)
  }
  target.set(content, from)
  return from + length
}

/** Built by hand and in one piece: four known parts, twice on the way of every showing. */
function signedBytes(protectedBytes: Uint8Array, externalAad: Uint8Array, payload: Uint8Array): Uint8Array {
  const parts = [protectedBytes, externalAad, payload] as const
  let lengthBytes = STRUCTURE_HEAD.length
  for (const { length } of parts) lengthBytes += headBytes(length) + length
  const bytes = Buffer.allocUnsafe(lengthBytes)
  bytes.set(STRUCTURE_HEAD)
  let at = STRUCTURE_HEAD.length
  for (const part of parts) at = putByteString(bytes, at, part)
  return bytes
}

export function verifySign1(
  message: Sign1,
  algorithm: AlgorithmName,
  key: PublicKey,
  externalAad: Uint8Array = NO_BYTES,
): boolean {
  if (sign1Algorithm(message) !== algorithm) return false
  // An empty header is signed as an empty string, however it was spelt. Source: RFC 9052 §4.4 step 2.
  const protectedBytes = message.protectedHeader.size === 0 ? NO_BYTES : message.protectedBytes
  return verifySignature(algorithm, key, signedBytes(protectedBytes, externalAad, message.payload), message.signature)
}

// ——— the profile of this project: EdDSA, tag 18, exact protected header, empty unprotected header ———

/** A message of ours: `kid` is there when a centre signed it, absent when a device or a phone did. */
export interface ProfiledSign1 extends Sign1 {
  readonly kid: Uint8Array | null
}

const DEVICE_HEADER = encodeCbor(new Map([[ALG, ALGORITHMS.EdDSA.coseId]]))

function centreHeader(kid: Uint8Array): Uint8Array {
  return encodeCbor(
    new Map<number, unknown>([
      [ALG, ALGORITHMS.EdDSA.coseId],
      [KID, kid],
    ]),
  )
}

/** Decodes a message that must be in our profile. Source: formats.md, "Domain separation", and §1. */
export function decodeProfiledSign1(
  bytes: Uint8Array,
  limits: CborLimits,
  signer: 'kid' | 'no-kid',
): Decoded<ProfiledSign1> {
  const message = decodeSign1(bytes, limits)
  if (!message.ok) return message
  const { tagged, protectedBytes, protectedHeader, unprotected, payload, signature } = message.value
  if (!tagged) return refused('tag 18 missing')
  if (unprotected.size !== 0) return refused('unprotected header is not empty')
  if (protectedHeader.get(ALG) !== ALGORITHMS.EdDSA.coseId) return refused('alg is not EdDSA')
  if (signature.length !== 64) return refused('signature is not 64 bytes')
  const kid = signer === 'kid' ? asBytes(protectedHeader.get(KID), 8, 8) : null
  if (signer === 'no-kid' && protectedHeader.size !== 1) return refused('protected header is not {1: -8}')
  if (signer === 'kid' && (kid === null || protectedHeader.size !== 2))
    return refused('protected header is not {1: -8, 4: kid}')
  return { ok: true, value: { tagged, protectedBytes, protectedHeader, unprotected, payload, signature, kid } }
}

/** A signed message in our profile. `aad` is the message's name; `kid` only for centre-signed ones. */
export function encodeSign1(
  payload: Uint8Array,
  key: PrivateKey,
  aad: Uint8Array | string,
  kid?: Uint8Array,
): Uint8Array {
  const protectedBytes = kid === undefined ? DEVICE_HEADER : centreHeader(kid)
  const externalAad = typeof aad === 'string' ? utf8(aad) : aad
  const signature = signEd25519(key, signedBytes(protectedBytes, externalAad, payload))
  return encodeCbor(new Tagged(SIGN1_TAG, [protectedBytes, new Map(), payload, signature]))
}
