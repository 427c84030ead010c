import {
  encodeCbor,
  encodeSign1,
  exportEd25519,
  importEd25519,
  keyId,
  type PublicKey,
  type SignedFormat,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { keyOf, STRANGER_KEY } from './ak1-world.ts'
import { compareBytesAsBytes, everyBitFlipped } from './equal-bytes.ts'

export const SIGNING_KEY = keyOf(30)
const PUBLIC = importEd25519(exportEd25519(SIGNING_KEY)) ?? expect.fail('no key')
const STRANGER = importEd25519(exportEd25519(STRANGER_KEY)) ?? expect.fail('no key')
export const SIGNING_KID = keyId(exportEd25519(SIGNING_KEY))

interface SignedExample<T> {
  /** After `ak1/`. */
  readonly name: string
  readonly format: SignedFormat<T>
  readonly content: T
  /** Centres name their key, devices do not. */
  readonly signer: 'centre' | 'device'
  /** Its fields as the contract numbers them. */
  readonly map: ReadonlyMap<number, unknown>
}

/** One format as every test sees it. */
export interface SignedSubject {
  readonly name: string
  readonly map: ReadonlyMap<number, unknown>
  /** Signs whatever is given, as this format would. */
  sign(payload: unknown, how?: { readonly aad?: string; readonly kid?: Uint8Array | null }): Uint8Array
  encode(): Uint8Array
  /** 'form' refused, 'truth' not believed, or the content. */
  read(bytes: Uint8Array, key?: PublicKey): unknown
  readonly content: unknown
}

export function signedSubject<T>({ name, format, content, signer, map }: SignedExample<T>): SignedSubject {
  const ownKid = signer === 'centre' ? SIGNING_KID : undefined
  return {
    name,
    map,
    content,
    sign: (payload, { aad = `ak1/${name}`, kid = ownKid ?? null } = {}) =>
      encodeSign1(encodeCbor(payload), SIGNING_KEY, aad, kid ?? undefined),
    encode: () => format.encode(content, SIGNING_KEY, ownKid),
    read: (bytes, key = PUBLIC) => {
      const payload = format.decode(bytes)
      if (!payload.ok) return 'form'
      return format.verify(payload.value, key) ? payload.value.content : 'truth'
    },
  }
}

/** What holds of every small signed message. `others` are formats it must not be taken for. */
export function describeSigned(subject: SignedSubject, others: readonly SignedSubject[]): void {
  compareBytesAsBytes()
  const { name, map, content, sign, encode, read } = subject
  const isUnread = (bytes: Uint8Array): boolean => ['form', 'truth'].includes(String(read(bytes)))

  describe(`a ${name}`, () => {
    it('is read as it was signed', () => {
      expect(read(encode())).toEqual(content)
    })

    it('is the same built by hand from the format', () => {
      expect(encode()).toEqual(sign(map))
    })

    it('is not believed from another key, nor under another name', () => {
      expect(read(encode(), STRANGER)).toBe('truth')
      expect(read(sign(map, { aad: 'ak1/batch' }))).toBe('truth')
      for (const other of others.filter(one => one.name !== name))
        expect(read(sign(map, { aad: `ak1/${other.name}` })), other.name).toBe('truth')
    })

    it('is refused with the header of the other kind of signer', () => {
      const hasKid = encode().length > sign(map, { kid: null }).length
      expect(read(sign(map, { kid: hasKid ? null : SIGNING_KID }))).toBe('form')
    })

    it('is refused with any field missing, or of another type', () => {
      for (const field of map.keys()) {
        expect(read(sign(new Map([...map].filter(([key]) => key !== field)))), `without ${field}`).toBe('form')
        expect(read(sign(new Map([...map, [field, [1]]]))), `field ${field} a list`).toBe('form')
        expect(read(sign(new Map([...map, [field, -1]]))), `field ${field} negative`).toBe('form')
      }
      expect(read(sign([...map.values()]))).toBe('form')
    })

    it('is read with fields a later program adds', () => {
      expect(read(sign(new Map([...map, [99, 'later']])))).toEqual(content)
    })

    it('is refused when any part of its end is cut off, or something follows it', () => {
      const whole = encode()
      for (let length = 0; length < whole.length; length++)
        expect(read(whole.subarray(0, length)), `${length} bytes`).toBe('form')
      expect(read(Buffer.concat([whole, Buffer.of(0)]))).toBe('form')
    })

    it('is not believed after any bit has changed', () => {
      // The kid is protected, so even a flip there breaks the signature.
      for (const [bit, changed] of everyBitFlipped(encode())) expect(isUnread(changed), `bit ${bit}`).toBe(true)
    })
  })
}
