/*
 * A foreign certificate taken apart and put together again: text, zlib stream, message, headers and payload. More is read
 * here than the family takes, so that what was verified can always be looked into.
 */
import { deflateSync, inflateSync, type ZlibOptions } from 'node:zlib'
import {
  asArray,
  asBytes,
  asMap,
  type CborMap,
  type CborValue,
  decodeBase45,
  decodeCbor,
  encodeBase45,
  encodeCbor,
  Tagged,
  utf8,
} from '@ankang/protocol'
import { encodable, LOOSE_LIMITS } from './cbor-mutations.ts'

/** The message's four parts and its tags, outermost first. */
export interface Hc1Parts {
  readonly tags: readonly number[]
  readonly protectedBytes: Uint8Array
  readonly unprotected: CborMap
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

export interface Hc1Layers extends Hc1Parts {
  readonly compressed: Uint8Array
  readonly message: Uint8Array
}

const PREFIX_BYTES = 4
const MAX_MESSAGE_BYTES = 65_536
const NO_BYTES = new Uint8Array(0)

function untag(item: CborValue): { tags: readonly number[]; inner: CborValue } {
  if (!(item instanceof Tagged)) return { tags: [], inner: item }
  const { tags, inner } = untag(item.value)
  return { tags: [item.tag, ...tags], inner }
}

function readParts(message: Uint8Array): Hc1Parts | null {
  const item = decodeCbor(message, LOOSE_LIMITS)
  if (!item.ok) return null
  const { tags, inner } = untag(item.value)
  const parts = asArray(inner) ?? []
  const [protectedBytes, payload, signature] = [parts[0], parts[2], parts[3]].map(part => asBytes(part))
  const unprotected = asMap(parts[1])
  if (protectedBytes == null || payload == null || signature == null || unprotected === null) return null
  return { tags, protectedBytes, unprotected, payload, signature }
}

/** The layers below a text; null where one of them cannot be read. */
export function readHc1Layers(text: Uint8Array): Hc1Layers | null {
  const compressed = decodeBase45(text.subarray(PREFIX_BYTES))
  if (compressed === null) return null
  let message: Uint8Array
  try {
    message = new Uint8Array(inflateSync(compressed, { maxOutputLength: MAX_MESSAGE_BYTES }))
  } catch {
    return null // damaged, which is what most inputs here are
  }
  const parts = readParts(message)
  return parts === null ? null : { compressed, message, ...parts }
}

/** What the signature is over, whatever it is wrapped in. An empty header counts as none. Source: RFC 9052 §4.4. */
export function signedStructure({ protectedBytes, payload }: Hc1Parts): Uint8Array {
  const header = decodeCbor(protectedBytes, LOOSE_LIMITS)
  const isEmpty = header.ok && asMap(header.value)?.size === 0
  return encodeCbor(['Signature1', isEmpty ? NO_BYTES : protectedBytes, NO_BYTES, payload])
}

export function fromCompressed(compressed: Uint8Array): Uint8Array {
  return utf8(`HC1:${encodeBase45(compressed)}`)
}

export function fromMessage(message: Uint8Array, options: ZlibOptions = { level: 9 }): Uint8Array {
  return fromCompressed(new Uint8Array(deflateSync(message, options)))
}

export function messageOf({ tags, protectedBytes, unprotected, payload, signature }: Hc1Parts): Uint8Array {
  const parts: unknown = [protectedBytes, encodable(unprotected), payload, signature]
  return encodeCbor(tags.reduceRight((inner, tag) => new Tagged(tag, inner), parts))
}

export function fromParts(parts: Hc1Parts): Uint8Array {
  return fromMessage(messageOf(parts))
}
