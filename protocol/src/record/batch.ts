/*
 * What a device uploads. Source: formats.md §5.
 *
 *   message = [ bstr COSE_Sign1, encoding (0 none, 1 deflate-raw), bstr bodies ]      bodies = CBOR sequence of bstr, ≤ 1 MiB raw
 *   payload = {1: device, 2: epoch, 3: from, 4: through, 5: link(from−1), 6: link(through), 7: device time ms, 8: newest seq,
 *              ? 9: [public key, predecessor] when from = 1}      aad `ak1/batch`, device key
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { concatBytes, equalBytes, utf8 } from '../codec/bytes.ts'
import { type CborMap, type CborValue, type Decoded, decodeCbor } from '../codec/cbor.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { asArray, asBytes, asMap, asText, asUint } from '../codec/cbor-narrow.ts'
import { decodeProfiledSign1, encodeSign1, type ProfiledSign1, verifySign1 } from '../codec/cose.ts'
import { type PrivateKey, type PublicKey, sha256 } from '../crypto.ts'
import { MAX_BODY_BYTES } from './body.ts'
import { genesisLink, nextLink, type Predecessor, predecessorToCbor } from './chain.ts'

export const MAX_BATCH_RAW_BYTES = 1024 * 1024
/** A million empty bodies would fit the bytes; what a receiver does for each is bounded by this. */
export const MAX_BATCH_RECORDS = 4096
/** Bodies, signature and frame together. */
export const MAX_BATCH_MESSAGE_BYTES = MAX_BATCH_RAW_BYTES + 4096
const LIMITS = { maxBytes: MAX_BATCH_MESSAGE_BYTES, maxDepth: 8 }
const AAD = utf8('ak1/batch')

export interface BatchPayload {
  readonly device: string
  readonly epoch: Uint8Array
  readonly from: number
  readonly through: number
  /** link(from − 1) */
  readonly linkBefore: Uint8Array
  /** link(through) */
  readonly linkThrough: Uint8Array
  readonly deviceTimeMs: number
  readonly newestSeq: number
  /** Given with the first batch of an epoch. */
  readonly start: { readonly publicKey: Uint8Array; readonly predecessor: Predecessor | null } | null
}

export interface Batch {
  readonly payload: BatchPayload
  /** The COSE_Sign1 as received: what the log and the auditor keep. */
  readonly cose: Uint8Array
  readonly message: ProfiledSign1
  /** As they came: opened only once the signature has verified. */
  readonly packed: { readonly encoding: number; readonly bytes: Uint8Array }
}

// ——— CBOR sequence of byte strings: the hot path of ingest, so read without a decoder ———

function encodeSequence(bodies: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...bodies.map(body => encodeCbor(body)))
}

/** Null on anything but shortest-form byte strings within the limits. */
function decodeSequence(bytes: Uint8Array): Uint8Array[] | null {
  const bodies: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const first = bytes[at] ?? 0
    const extra = first === 0x58 ? 1 : first === 0x59 ? 2 : 0
    if (first >> 5 !== 2 || (extra === 0 && (first & 31) > 23) || at + 1 + extra > bytes.length) return null
    const length =
      extra === 0 ? first & 31 : extra === 1 ? (bytes[at + 1] ?? 0) : (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0)
    const shortest = extra === 0 || (extra === 1 ? length > 23 : length > 255)
    at += 1 + extra
    if (!shortest || length > MAX_BODY_BYTES || at + length > bytes.length) return null
    if (bodies.length === MAX_BATCH_RECORDS) return null
    bodies.push(bytes.subarray(at, at + length))
    at += length
  }
  return bodies
}

export function encodeBatch(payload: BatchPayload, bodies: readonly Uint8Array[], key: PrivateKey): Uint8Array {
  const map = new Map<number, unknown>([
    [1, payload.device],
    [2, payload.epoch],
    [3, payload.from],
    [4, payload.through],
    [5, payload.linkBefore],
    [6, payload.linkThrough],
    [7, payload.deviceTimeMs],
    [8, payload.newestSeq],
  ])
  if (payload.start !== null) map.set(9, [payload.start.publicKey, predecessorToCbor(payload.start.predecessor)])
  const raw = encodeSequence(bodies)
  const deflated = new Uint8Array(deflateRawSync(raw))
  const smaller = deflated.length < raw.length
  return encodeCbor([encodeSign1(encodeCbor(map), key, AAD), smaller ? 1 : 0, smaller ? deflated : raw])
}

function readPredecessor(value: CborValue | undefined): Decoded<Predecessor | null> {
  if (value === null) return { ok: true, value: null }
  const parts = asArray(value)
  const epoch = asBytes(parts?.[0], 8, 8)
  const seq = asUint(parts?.[1])
  const link = asBytes(parts?.[2], 32, 32)
  if (parts?.length !== 3 || epoch === null || seq === null || link === null)
    return { ok: false, detail: 'predecessor' }
  return { ok: true, value: { epoch, seq, link } }
}

function readStart(value: CborValue | undefined): Decoded<BatchPayload['start']> {
  if (value === undefined) return { ok: true, value: null }
  const parts = asArray(value)
  const publicKey = asBytes(parts?.[0], 32, 32)
  const predecessor = readPredecessor(parts?.[1])
  if (parts?.length !== 2 || publicKey === null || !predecessor.ok) return { ok: false, detail: 'field 9' }
  return { ok: true, value: { publicKey, predecessor: predecessor.value } }
}

function readPayload(map: CborMap): Decoded<BatchPayload> {
  const device = asText(map.get(1))
  const epoch = asBytes(map.get(2), 8, 8)
  const from = asUint(map.get(3))
  const through = asUint(map.get(4))
  const linkBefore = asBytes(map.get(5), 32, 32)
  const linkThrough = asBytes(map.get(6), 32, 32)
  const deviceTimeMs = asUint(map.get(7))
  const newestSeq = asUint(map.get(8))
  const start = readStart(map.get(9))
  if (
    device === null ||
    epoch === null ||
    linkBefore === null ||
    linkThrough === null ||
    deviceTimeMs === null ||
    newestSeq === null
  ) {
    return { ok: false, detail: 'a field of the payload is missing, or of the wrong type or size' }
  }
  if (!start.ok) return start
  if (from === null || through === null || from < 1 || through < from || newestSeq < through)
    return { ok: false, detail: 'from, through and newest are out of order' }
  if (through - from >= MAX_BATCH_RECORDS) return { ok: false, detail: `more than ${MAX_BATCH_RECORDS} records` }
  if ((from === 1) !== (start.value !== null))
    return { ok: false, detail: 'field 9 belongs to the first batch of an epoch, and only there' }
  return {
    ok: true,
    value: { device, epoch, from, through, linkBefore, linkThrough, deviceTimeMs, newestSeq, start: start.value },
  }
}

function inflateBodies(encoding: number, bytes: Uint8Array): Decoded<Uint8Array> {
  if (encoding === 0)
    return bytes.length <= MAX_BATCH_RAW_BYTES ? { ok: true, value: bytes } : { ok: false, detail: 'bodies over 1 MiB' }
  if (encoding !== 1) return { ok: false, detail: `encoding ${encoding}` }
  try {
    return { ok: true, value: new Uint8Array(inflateRawSync(bytes, { maxOutputLength: MAX_BATCH_RAW_BYTES })) }
  } catch (error) {
    return {
      ok: false,
      detail: `bodies do not inflate under 1 MiB (${error instanceof Error ? error.message : String(error)})`,
    }
  }
}

/** The shape of a batch message; whether it is true is `checkBatch`'s question. */
export function decodeBatch(bytes: Uint8Array): Decoded<Batch> {
  const item = decodeCbor(bytes, LIMITS)
  if (!item.ok) return item
  const parts = asArray(item.value)
  const cose = asBytes(parts?.[0])
  const encoding = asUint(parts?.[1])
  const packed = asBytes(parts?.[2])
  if (parts?.length !== 3 || cose === null || encoding === null || packed === null)
    return { ok: false, detail: 'not [COSE, encoding, bodies]' }
  const message = decodeProfiledSign1(cose, LIMITS, 'no-kid')
  if (!message.ok) return message
  const content = decodeCbor(message.value.payload, LIMITS)
  if (!content.ok) return content
  const map = asMap(content.value)
  if (map === null) return { ok: false, detail: 'payload is not a map' }
  const payload = readPayload(map)
  if (!payload.ok) return payload
  return {
    ok: true,
    value: { payload: payload.value, cose, message: message.value, packed: { encoding, bytes: packed } },
  }
}

function openBodies({ payload, packed }: Batch): Decoded<readonly Uint8Array[]> {
  const raw = inflateBodies(packed.encoding, packed.bytes)
  if (!raw.ok) return raw
  const bodies = decodeSequence(raw.value)
  if (bodies === null) return { ok: false, detail: 'bodies are not a sequence of byte strings' }
  const count = payload.through - payload.from + 1
  return bodies.length === count
    ? { ok: true, value: bodies }
    : { ok: false, detail: `${bodies.length} bodies for ${payload.from}…${payload.through}` }
}

export interface ChainedRecord {
  readonly seq: number
  readonly body: Uint8Array
  readonly bodyHash: Uint8Array
  readonly link: Uint8Array
}

/** Signature first, then bodies and chain: the records with their links, or what does not hold. `key` is the device's. */
export function checkBatch(batch: Batch, key: PublicKey): Decoded<readonly ChainedRecord[]> {
  const { payload, message } = batch
  if (!verifySign1(message, 'EdDSA', key, AAD))
    return { ok: false, detail: 'signature does not verify with the device key' }
  if (payload.start !== null && !equalBytes(genesisLink({ ...payload, ...payload.start }), payload.linkBefore)) {
    return { ok: false, detail: 'link(0) is not the genesis of this device, key and epoch' }
  }
  const bodies = openBodies(batch)
  if (!bodies.ok) return bodies
  let link = payload.linkBefore
  const records = bodies.value.map((body, index) => {
    const seq = payload.from + index
    const bodyHash = sha256(body)
    link = nextLink(link, seq, bodyHash)
    return { seq, body, bodyHash, link }
  })
  return equalBytes(link, payload.linkThrough)
    ? { ok: true, value: records }
    : { ok: false, detail: `chain does not end in link(${payload.through})` }
}
