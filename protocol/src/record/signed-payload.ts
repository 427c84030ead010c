import { type CborMap, type Decoded, decodeCbor } from '../codec/cbor.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { asMap } from '../codec/cbor-narrow.ts'
import { decodeProfiledSign1, encodeSign1, type ProfiledSign1, verifySign1 } from '../codec/cose.ts'
import type { PrivateKey, PublicKey } from '../crypto.ts'

/** Unless the layout says otherwise. */
export const MAX_SIGNED_BYTES = 4096
const MAX_DEPTH = 8

/** Small signed messages (receipt, head, grant) share one frame: COSE_Sign1 in our profile over a CBOR map. */
export interface SignedPayload<T> {
  readonly content: T
  readonly message: ProfiledSign1
}

interface Layout<T> {
  readonly aad: string
  readonly signer: 'kid' | 'no-kid'
  readonly maxBytes?: number
  readonly write: (content: T) => ReadonlyMap<number, unknown>
  readonly read: (map: CborMap) => T | null
}

export interface SignedFormat<T> {
  encode(content: T, key: PrivateKey, kid?: Uint8Array): Uint8Array
  /** The shape only; believe nothing before `verify`. */
  decode(bytes: Uint8Array): Decoded<SignedPayload<T>>
  verify(payload: SignedPayload<T>, key: PublicKey): boolean
}

export function signedFormat<T>(layout: Layout<T>): SignedFormat<T> {
  const aad = new TextEncoder().encode(layout.aad)
  const limits = { maxBytes: layout.maxBytes ?? MAX_SIGNED_BYTES, maxDepth: MAX_DEPTH }
  return {
    encode: (content, key, kid) => encodeSign1(encodeCbor(layout.write(content)), key, aad, kid),
    decode: bytes => {
      const message = decodeProfiledSign1(bytes, limits, layout.signer)
      if (!message.ok) return message
      const item = decodeCbor(message.value.payload, limits)
      const map = item.ok ? asMap(item.value) : null
      const content = map === null ? null : layout.read(map)
      return content === null
        ? { ok: false, detail: `not a ${layout.aad} payload` }
        : { ok: true, value: { content, message: message.value } }
    },
    verify: ({ message }, key) => verifySign1(message, 'EdDSA', key, aad),
  }
}
