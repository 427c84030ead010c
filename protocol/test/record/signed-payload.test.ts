import {
  encodeCbor,
  encodeSign1,
  exportEd25519,
  fromHex,
  type Grant,
  grantFormat,
  headFormat,
  importEd25519,
  keyId,
  type Receipt,
  receiptFormat,
  type SignedFormat,
  type SignedHead,
  VERDICTS,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { keyOf, STRANGER_KEY } from '../ak1-world.ts'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'

compareBytesAsBytes()

const KEY = keyOf(30)
const PUBLIC = importEd25519(exportEd25519(KEY)) ?? expect.fail('no key')
const STRANGER = importEd25519(exportEd25519(STRANGER_KEY)) ?? expect.fail('no key')
const KID = keyId(exportEd25519(KEY))
const EPOCH = fromHex('0102030405060708')
const LINK = new Uint8Array(32).fill(7)

const RECEIPT: Receipt = {
  device: 'door-1',
  epoch: EPOCH,
  storedThrough: 12,
  linkThere: LINK,
  pruneThrough: 10,
  timeMs: 1_780_000_000_000,
  storeGeneration: new Uint8Array(8).fill(3),
  verdict: 'ok',
}
const HEAD: SignedHead = { device: 'door-1', epoch: EPOCH, seq: 12, link: LINK, timeMs: 1_780_000_000_000 }
const GRANT: Grant = { device: 'door-1', epoch: EPOCH, issuedAt: 1_780_000_000 }

/** The three formats as one: what each says, who signs, and its fields as the contract numbers them. */
interface Subject {
  readonly name: string
  readonly aad: string
  readonly kid: Uint8Array | undefined
  readonly encode: () => Uint8Array
  /** 'form' refused, 'truth' not believed, or the content. */
  readonly read: (bytes: Uint8Array, key?: typeof PUBLIC) => unknown
  readonly content: unknown
  readonly map: ReadonlyMap<number, unknown>
}

function subject<T>(
  name: string,
  format: SignedFormat<T>,
  content: T,
  kid: Uint8Array | undefined,
  map: ReadonlyMap<number, unknown>,
): Subject {
  return {
    name,
    aad: `ak1/${name}`,
    kid,
    encode: () => format.encode(content, KEY, kid),
    read: (bytes, key = PUBLIC) => {
      const payload = format.decode(bytes)
      if (!payload.ok) return 'form'
      return format.verify(payload.value, key) ? payload.value.content : 'truth'
    },
    content,
    map,
  }
}

const SUBJECTS: readonly Subject[] = [
  subject(
    'receipt',
    receiptFormat,
    RECEIPT,
    KID,
    new Map<number, unknown>([
      [1, 'door-1'],
      [2, EPOCH],
      [3, 12],
      [4, LINK],
      [5, 10],
      [6, RECEIPT.timeMs],
      [7, RECEIPT.storeGeneration],
      [8, 0],
    ]),
  ),
  subject(
    'head',
    headFormat,
    HEAD,
    undefined,
    new Map<number, unknown>([
      [1, 'door-1'],
      [2, EPOCH],
      [3, 12],
      [4, LINK],
      [5, HEAD.timeMs],
    ]),
  ),
  subject(
    'grant',
    grantFormat,
    GRANT,
    KID,
    new Map<number, unknown>([
      [1, 'door-1'],
      [2, EPOCH],
      [3, GRANT.issuedAt],
    ]),
  ),
]

for (const { name, aad, kid, encode, read, content, map } of SUBJECTS) {
  const signed = (payload: unknown, signedAad = aad, withKid: Uint8Array | null = kid ?? null) =>
    encodeSign1(encodeCbor(payload), KEY, signedAad, withKid ?? undefined)

  describe(`a ${name}`, () => {
    it('is read as it was signed', () => {
      expect(read(encode())).toEqual(content)
    })

    it('is the same built by hand from the format', () => {
      expect(encode()).toEqual(signed(map))
    })

    it('is not believed from another key, nor under another name', () => {
      expect(read(encode(), STRANGER)).toBe('truth')
      expect(read(signed(map, 'ak1/batch'))).toBe('truth')
      for (const other of SUBJECTS.filter(one => one.name !== name)) expect(read(signed(map, other.aad))).toBe('truth')
    })

    it('is refused with the header of the other kind of signer', () => {
      expect(read(signed(map, aad, kid === undefined ? KID : null))).toBe('form')
    })

    it('is refused with any field missing, or of another type', () => {
      for (const field of map.keys()) {
        expect(read(signed(new Map([...map].filter(([key]) => key !== field)))), `without ${field}`).toBe('form')
        expect(read(signed(new Map([...map, [field, [1]]]))), `field ${field} a list`).toBe('form')
        expect(read(signed(new Map([...map, [field, -1]]))), `field ${field} negative`).toBe('form')
      }
      expect(read(signed([...map.values()]))).toBe('form')
    })

    it('is not believed after any bit has changed', () => {
      for (const [bit, changed] of everyBitFlipped(encode())) {
        const said = read(changed)
        // The kid is protected, so even a flip there breaks the signature.
        expect(said === 'form' || said === 'truth', `bit ${bit}`).toBe(true)
      }
    })
  })
}

describe('a receipt', () => {
  const encodeWith = (changed: Partial<Receipt>) => receiptFormat.encode({ ...RECEIPT, ...changed }, KEY, KID)

  it('carries each verdict', () => {
    for (const verdict of VERDICTS) {
      const payload = receiptFormat.decode(encodeWith({ verdict }))
      expect(payload.ok && payload.value.content.verdict).toBe(verdict)
    }
    const unknown = new Map([...(SUBJECTS[0]?.map ?? []), [8, 3]])
    expect(receiptFormat.decode(encodeSign1(encodeCbor(unknown), KEY, 'ak1/receipt', KID)).ok).toBe(false)
  })

  it('never lets more be pruned than is stored', () => {
    expect(receiptFormat.decode(encodeWith({ pruneThrough: 12 })).ok).toBe(true)
    expect(receiptFormat.decode(encodeWith({ pruneThrough: 13 })).ok).toBe(false)
  })
})
