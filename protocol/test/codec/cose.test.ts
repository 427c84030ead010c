import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeProfiledSign1,
  decodeSign1,
  decodeSignedCwt,
  encodeCbor,
  encodeSign1,
  exportEd25519,
  fromHex,
  importEd25519,
  importPublicKey,
  keyId,
  type PublicKey,
  sign1KeyId,
  Tagged,
  utf8,
  verifySign1,
} from '@ankang/protocol'
import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { ISSUER_KEY, keyOf } from '../ak1-world.ts'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'

compareBytesAsBytes()

const vectors = requirement('vectors')
const LIMITS = { maxBytes: 4096, maxDepth: 8 }

interface CoseExample {
  readonly input: {
    readonly sign0: {
      readonly external?: string
      readonly key: { readonly x?: string; readonly y?: string; readonly x_hex?: string; readonly y_hex?: string }
    }
  }
  readonly output: { readonly cbor: string }
}

function example(path: string): CoseExample {
  return JSON.parse(readFileSync(join(vectors.value, 'cose', path), 'utf8'))
}

const coordinate = (base64url?: string, hex?: string) =>
  base64url ?? Buffer.from(hex ?? '', 'hex').toString('base64url')

/** The examples give ES256 keys as coordinates; trust files, and so importPublicKey, spell them as SPKI DER. */
function es256Key({ input }: CoseExample): PublicKey | null {
  const { x, y, x_hex, y_hex } = input.sign0.key
  const jwk = { kty: 'EC', crv: 'P-256', x: coordinate(x, x_hex), y: coordinate(y, y_hex) }
  return importPublicKey(
    'ES256',
    new Uint8Array(createPublicKey({ format: 'jwk', key: jwk }).export({ format: 'der', type: 'spki' })),
  )
}

type Fate = 'refused at decoding' | 'refused at verification' | 'accepted'

function fateOf(one: CoseExample, algorithm: 'EdDSA' | 'ES256', key: PublicKey | null): Fate {
  expect(key, 'the example’s key').not.toBeNull()
  const message = decodeSign1(fromHex(one.output.cbor), LIMITS)
  if (!message.ok) return 'refused at decoding'
  const aad = fromHex(one.input.sign0.external ?? '')
  return key !== null && verifySign1(message.value, algorithm, key, aad) ? 'accepted' : 'refused at verification'
}

describe('the COSE_Sign1 core, on the published examples', () => {
  vectors.it('accepts the Ed25519 example, and refuses it with an external aad or another key', () => {
    const one = example('eddsa-examples/eddsa-sig-01.json')
    const raw = fromHex(one.input.sign0.key.x_hex ?? '')
    expect(fateOf(one, 'EdDSA', importEd25519(raw))).toBe('accepted')
    expect(fateOf(one, 'EdDSA', importEd25519(exportEd25519(ISSUER_KEY)))).toBe('refused at verification')
    const message = decodeSign1(fromHex(one.output.cbor), LIMITS)
    const key = importEd25519(raw)
    expect(message.ok && key !== null && verifySign1(message.value, 'EdDSA', key, utf8('x'))).toBe(false)
    expect(message.ok && key !== null && verifySign1(message.value, 'ES256', key)).toBe(false)
  })

  vectors.it('decodes the Ed448 example and has no key for it', () => {
    const one = example('eddsa-examples/eddsa-sig-02.json')
    expect(decodeSign1(fromHex(one.output.cbor), LIMITS).ok).toBe(true)
    expect(importEd25519(fromHex(one.input.sign0.key.x_hex ?? ''))).toBeNull()
  })

  vectors.it('refuses the examples with several signers (COSE_Sign, tag 98)', () => {
    for (const name of ['eddsa-01', 'eddsa-02'])
      expect(decodeSign1(fromHex(example(`eddsa-examples/${name}.json`).output.cbor), LIMITS).ok, name).toBe(false)
  })

  const fates: Readonly<Record<string, Fate>> = {
    'sign1-tests/sign-pass-01.json': 'accepted', // an empty protected map spelt h'a0'
    'sign1-tests/sign-pass-02.json': 'accepted', // with an external aad
    'sign1-tests/sign-pass-03.json': 'accepted', // without tag 18
    'sign1-tests/sign-fail-01.json': 'refused at decoding', // tag 998
    'sign1-tests/sign-fail-02.json': 'refused at verification', // a byte of the payload changed
    'sign1-tests/sign-fail-03.json': 'refused at verification', // algorithm −999
    'sign1-tests/sign-fail-04.json': 'refused at verification', // algorithm "unknown"
    'sign1-tests/sign-fail-06.json': 'refused at verification', // a protected attribute added
    'sign1-tests/sign-fail-07.json': 'refused at verification', // a protected attribute removed
    'CWT/A_3.json': 'accepted',
  }
  for (const [path, fate] of Object.entries(fates)) {
    vectors.it(`${path} is ${fate}`, () => {
      const one = example(path)
      expect(fateOf(one, 'ES256', es256Key(one))).toBe(fate)
    })
  }

  vectors.it('refuses the example with an external aad when that is left out', () => {
    const one = example('sign1-tests/sign-pass-02.json')
    const { external: _, ...sign0 } = one.input.sign0
    expect(fateOf({ ...one, input: { sign0 } }, 'ES256', es256Key(one))).toBe('refused at verification')
  })

  vectors.it('refuses CWTs that are MACed or encrypted', () => {
    for (const name of ['A_4', 'A_5', 'A_6', 'A_7'])
      expect(decodeSign1(fromHex(example(`CWT/${name}.json`).output.cbor), LIMITS).ok, name).toBe(false)
  })
})

const KID = keyId(exportEd25519(ISSUER_KEY))
const PAYLOAD = utf8('payload')
const KEY = importEd25519(exportEd25519(ISSUER_KEY))

describe('a CWT of others', () => {
  const bare = [new Uint8Array(0), new Map(), PAYLOAD, new Uint8Array(64)]
  const sign1 = new Tagged(18, bare)
  const fateIn = (item: unknown) => decodeSignedCwt(encodeCbor(item), LIMITS)

  it('may say that it is one, or that it is a COSE_Sign1, or neither', () => {
    for (const item of [new Tagged(61, sign1), sign1, bare])
      expect(fateIn(item)).toMatchObject({ ok: true, value: { payload: PAYLOAD, tagged: item !== bare } })
  })

  it('is refused in other tags, in the wrong order, or as a CWT that says nothing of its signature', () => {
    for (const item of [
      new Tagged(61, bare),
      new Tagged(61, new Tagged(61, sign1)),
      new Tagged(18, sign1),
      new Tagged(18, new Tagged(61, bare)),
    ])
      expect(fateIn(item).ok).toBe(false)
    expect(decodeSign1(encodeCbor(new Tagged(61, sign1)), LIMITS).ok).toBe(false)
  })

  it('names its key in the protected header, else in the other', () => {
    const [signed, other] = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)]
    const kidOf = (protectedKid: unknown, unprotectedKid: unknown) => {
      const header = (kid: unknown) => new Map(kid === undefined ? [] : [[4, kid]])
      const message = fateIn([encodeCbor(header(protectedKid)), header(unprotectedKid), PAYLOAD, new Uint8Array(64)])
      return message.ok ? sign1KeyId(message.value) : message.detail
    }
    expect(kidOf(signed, other)).toEqual(signed)
    expect(kidOf(undefined, other)).toEqual(other)
    expect(kidOf(undefined, undefined)).toBeNull()
    expect(kidOf(null, other)).toBeNull()
    expect(kidOf('text', other)).toBeNull()
  })
})

function verifies(bytes: Uint8Array, aad: string): boolean {
  const message = decodeSign1(bytes, LIMITS)
  return message.ok && KEY !== null && verifySign1(message.value, 'EdDSA', KEY, utf8(aad))
}

describe('the project’s profile of COSE_Sign1', () => {
  it('signs and verifies under one name and under no other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.string(), fc.string(), (payload, aad, other) => {
        const bytes = encodeSign1(payload, ISSUER_KEY, aad, KID)
        expect(verifies(bytes, aad)).toBe(true)
        expect(verifies(bytes, other)).toBe(other === aad)
      }),
    )
  })

  it('tells centre-signed messages (with kid) from device-signed ones (without)', () => {
    const centre = encodeSign1(PAYLOAD, ISSUER_KEY, 'a', KID)
    const device = encodeSign1(PAYLOAD, ISSUER_KEY, 'a')
    expect(decodeProfiledSign1(centre, LIMITS, 'kid')).toMatchObject({
      ok: true,
      value: { kid: KID, payload: PAYLOAD },
    })
    expect(decodeProfiledSign1(device, LIMITS, 'no-kid')).toMatchObject({ ok: true, value: { kid: null } })
    expect(decodeProfiledSign1(centre, LIMITS, 'no-kid').ok).toBe(false)
    expect(decodeProfiledSign1(device, LIMITS, 'kid').ok).toBe(false)
  })

  const header = (...entries: readonly (readonly [unknown, unknown])[]) => encodeCbor(new Map(entries))
  const good = { tag: 18, header: header([1, -8], [4, KID]), unprotected: new Map(), signature: new Uint8Array(64) }
  const message = (parts: Partial<typeof good>) => {
    const { tag, header: head, unprotected, signature } = { ...good, ...parts }
    return encodeCbor(new Tagged(tag, [head, unprotected, PAYLOAD, signature]))
  }
  const broken: Readonly<Record<string, Uint8Array>> = {
    'no tag': encodeCbor([good.header, good.unprotected, PAYLOAD, good.signature]),
    'tag 61 around it': encodeCbor(new Tagged(61, new Tagged(18, [good.header, new Map(), PAYLOAD, good.signature]))),
    'another algorithm': message({ header: header([1, -7], [4, KID]) }),
    'no algorithm': message({ header: header([4, KID]) }),
    'a further header': message({ header: header([1, -8], [4, KID], [2, [1]]) }),
    'a kid of 7 bytes': message({ header: header([1, -8], [4, KID.subarray(1)]) }),
    'a kid that is text': message({ header: header([1, -8], [4, '12345678']) }),
    'no protected header': message({ header: new Uint8Array(0) }),
    'a protected header that is an array': message({ header: encodeCbor([1, -8]) }),
    'an unprotected header': message({ unprotected: new Map([[4, KID]]) }),
    'a signature of 63 bytes': message({ signature: new Uint8Array(63) }),
    'three parts': encodeCbor(new Tagged(18, [good.header, new Map(), PAYLOAD])),
    'five parts': encodeCbor(new Tagged(18, [good.header, new Map(), PAYLOAD, good.signature, 0])),
    'a detached payload': encodeCbor(new Tagged(18, [good.header, new Map(), null, good.signature])),
    'a trailing byte': new Uint8Array([...message({}), 0]),
  }
  for (const [what, bytes] of Object.entries(broken)) {
    it(`refuses ${what}`, () => {
      expect(decodeProfiledSign1(bytes, LIMITS, 'kid').ok).toBe(false)
    })
  }

  it('takes the message those were broken from', () => {
    expect(decodeProfiledSign1(message({}), LIMITS, 'kid').ok).toBe(true)
  })

  it('verifies nothing after any single bit has changed', () => {
    const bytes = encodeSign1(PAYLOAD, ISSUER_KEY, 'a', KID)
    for (const [bit, changed] of everyBitFlipped(bytes)) {
      const decoded = decodeProfiledSign1(changed, LIMITS, 'kid')
      const sameKid = decoded.ok && Buffer.compare(decoded.value.kid ?? new Uint8Array(), KID) === 0
      expect(sameKid && verifies(changed, 'a'), `bit ${bit}`).toBe(false)
    }
  })

  it('verifies nothing with another key', () => {
    const other = importEd25519(exportEd25519(keyOf(9)))
    const decoded = decodeSign1(encodeSign1(PAYLOAD, ISSUER_KEY, 'a', KID), LIMITS)
    expect(decoded.ok && other !== null && verifySign1(decoded.value, 'EdDSA', other, utf8('a'))).toBe(false)
  })

  it.each([0, 23, 24, 255, 256, 65_535, 65_536])('signs the structure of RFC 9052 for %i bytes of payload', length => {
    const limits = { maxBytes: 100_000, maxDepth: 8 }
    const payload = new Uint8Array(length).fill(7)
    const decoded = decodeSign1(encodeSign1(payload, ISSUER_KEY, 'a', KID), limits)
    if (!decoded.ok) return expect.fail(decoded.detail)
    const structure = encode(['Signature1', decoded.value.protectedBytes, utf8('a'), payload])
    expect(verify(null, structure, createPublicKey(ISSUER_KEY), decoded.value.signature)).toBe(true)
  })
})
