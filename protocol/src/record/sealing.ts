/*
 * Sealing of the subject for the county. Source: formats.md §5.
 *
 *   key = nacl.box.before(recipient public, ephemeral secret), once a session
 *   nonce = session id (16) ‖ counter (u64be)          plaintext = CBOR map, zero-padded to a multiple of 32
 *   sealed = counter ‖ secretbox
 *
 * A session lasts one process run and at most an hour; its secret and its counter never leave RAM.
 */
import nacl from 'tweetnacl'
import { concatBytes, readU64be, toHex, u64be } from '../codec/bytes.ts'
import { type CborMap, type Decoded, decodeCbor } from '../codec/cbor.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { asMap } from '../codec/cbor-narrow.ts'
import { sha256 } from '../crypto.ts'

export const SEALING_SESSION_MS = 3_600_000
const PAD = 32
const SESSION_ID_BYTES = 16

/** Field numbers of the map sealed for the county. */
export const SEALED_FIELDS = { subject: 1, credentialId: 2, maskedName: 3 } as const
/** Field numbers of the map sealed for the clearing house. */
export const EVIDENCE_FIELDS = { code: 1 } as const
/** Where the sealed evidence stands in a scene map. Source: formats.md §5. */
export const EVIDENCE_KEY = 1

/** What the session record (type 2) says, so that the opener can open what follows it in the epoch. */
export interface SessionAnnouncement {
  readonly id: Uint8Array
  readonly ephemeralPublicKey: Uint8Array
  /** First 8 bytes of SHA-256 of the recipient's public key. */
  readonly recipientKeyHash: Uint8Array
}

export interface SealingSession {
  readonly announcement: SessionAnnouncement
  /** Each call takes the next counter; a plaintext is never sealed twice under one nonce. */
  seal(fields: CborMap): Uint8Array
  /** The same for another recipient, with its own key under the session's one counter. Source: formats.md §5, rides. */
  sealFor(recipient: Uint8Array, fields: CborMap): Uint8Array
}

/** `random(n)` must be n bytes nobody can guess. `recipient` is the raw X25519 key of the county. */
export function openSealingSession(recipient: Uint8Array, random: (lengthBytes: number) => Uint8Array): SealingSession {
  const ephemeral = nacl.box.keyPair.fromSecretKey(random(nacl.box.secretKeyLength))
  const id = random(SESSION_ID_BYTES)
  const keys = new Map<string, Uint8Array>()
  let counter = 0
  const keyFor = (publicKey: Uint8Array): Uint8Array => {
    const known = keys.get(toHex(publicKey)) ?? nacl.box.before(publicKey, ephemeral.secretKey)
    keys.set(toHex(publicKey), known)
    return known
  }
  const sealFor = (publicKey: Uint8Array, fields: CborMap): Uint8Array => {
    const count = u64be(counter++)
    return concatBytes(count, nacl.secretbox(pad(encodeCbor(fields)), concatBytes(id, count), keyFor(publicKey)))
  }
  return {
    announcement: { id, ephemeralPublicKey: ephemeral.publicKey, recipientKeyHash: sha256(recipient).subarray(0, 8) },
    seal: fields => sealFor(recipient, fields),
    sealFor,
  }
}

function pad(plain: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(plain.length / PAD) * PAD)
  padded.set(plain)
  return padded
}

/** Scene map of the session record. */
export function sessionSceneMap({ id, ephemeralPublicKey, recipientKeyHash }: SessionAnnouncement): CborMap {
  return new Map([
    [1, id],
    [2, ephemeralPublicKey],
    [3, recipientKeyHash],
  ])
}

/** The opener's side. Fails on a wrong key and on the least change. */
export function openSealed(
  sealed: Uint8Array,
  session: SessionAnnouncement,
  recipientSecret: Uint8Array,
): Decoded<CborMap> {
  if (sealed.length < 8 + nacl.secretbox.overheadLength) return { ok: false, detail: 'too short to be sealed' }
  const key = nacl.box.before(session.ephemeralPublicKey, recipientSecret)
  const padded = nacl.secretbox.open(sealed.subarray(8), concatBytes(session.id, sealed.subarray(0, 8)), key)
  if (padded === null) return { ok: false, detail: `does not open with this key (counter ${readU64be(sealed)})` }
  return decodePadded(padded)
}

/** At most 31 zero bytes of padding stand behind the map; a zero byte is no CBOR map, so the shortest reading is the one. */
function decodePadded(padded: Uint8Array): Decoded<CborMap> {
  const limits = { maxBytes: padded.length, maxDepth: 8 }
  for (let end = padded.length; end > Math.max(0, padded.length - PAD); end--) {
    const item = decodeCbor(padded.subarray(0, end), limits)
    const map = item.ok ? asMap(item.value) : null
    if (map !== null) return { ok: true, value: map }
    if (padded[end - 1] !== 0) break
  }
  return { ok: false, detail: 'sealed content is not one CBOR map' }
}
