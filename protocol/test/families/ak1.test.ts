import {
  type Ak1Claims,
  type Ak1Proof,
  catalogue,
  decodeClaims,
  decodeProfiledSign1,
  decodeProof,
  encodeAk1Text,
  encodeCbor,
  encodeCredential,
  encodeProof,
  encodeSign1,
  exportEd25519,
  KINDS,
  proofAad,
  recognise,
  sha256,
  utf8,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ISSUER_KEY,
  ISSUER_KID,
  judge,
  keyOf,
  NOW,
  PHONE_KEY,
  STRANGER_KEY,
  textOf,
  verifyShown,
  type World,
  world,
} from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'

compareBytesAsBytes()

const LIMITS = { maxBytes: 1024, maxDepth: 8 }
const seconds = fc.nat(4_000_000_000)

const anyClaims: fc.Arbitrary<Ak1Claims> = fc
  .record({
    issuer: fc.string({ maxLength: 20 }),
    subject: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    expiresAt: seconds,
    notBefore: fc.option(seconds),
    issuedAt: seconds,
    credentialId: fc.uint8Array({ minLength: 8, maxLength: 16 }),
    phoneKey: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
    kind: fc.constantFrom(...KINDS),
    stamp: fc.option(fc.record({ colour: fc.nat(5), asOf: seconds })),
    maskedName: fc.option(fc.constantFrom('张*三', '欧阳*', 'A')),
    nat: fc.option(fc.record({ positive: fc.boolean(), sampledAt: seconds })),
    doses: fc.option(fc.nat(9)),
    status: fc.option(fc.record({ list: fc.nat(9), index: fc.nat(2 ** 22) })),
    entitlements: fc.array(
      fc.record({
        scope: fc.uint8Array({ maxLength: 8 }),
        right: fc.constantFrom('entry', 'ride'),
        from: seconds,
        until: seconds,
      }),
      { maxLength: 3 },
    ),
    paper: fc.boolean(),
  })
  .map(claims => ({ ...claims, paper: claims.paper && claims.phoneKey === null && claims.status !== null }))

const anyProof: fc.Arbitrary<Ak1Proof> = fc.record({
  shownAt: seconds,
  site: fc.option(fc.constantFrom('hall', 'bus-7')),
  challenge: fc.option(fc.uint8Array({ minLength: 8, maxLength: 32 })),
})

function payloadOf(bytes: Uint8Array, signer: 'kid' | 'no-kid'): Uint8Array {
  const message = decodeProfiledSign1(bytes, LIMITS, signer)
  if (!message.ok) expect.fail(message.detail)
  return message.value.payload
}

describe('what an ak1 code says', () => {
  it('survives encoding: the claims', () => {
    fc.assert(
      fc.property(anyClaims, claims => {
        const payload = payloadOf(encodeCredential(claims, ISSUER_KEY, ISSUER_KID), 'kid')
        expect(decodeClaims(payload)).toEqual({ ok: true, value: claims })
      }),
    )
  })

  it('survives encoding: the proof', () => {
    fc.assert(
      fc.property(anyProof, proof => {
        const payload = payloadOf(encodeProof(proof, utf8('credential'), PHONE_KEY), 'no-kid')
        expect(decodeProof(payload)).toEqual({ ok: true, value: proof })
      }),
    )
  })

  it('survives the whole line: what was issued and shown is what is presented', () => {
    fc.assert(
      fc.property(fc.constantFrom('person' as const, 'companion' as const), fc.nat(60), (kind, ageSeconds) => {
        const shown = world()
        shown.policy['kinds'] = ['person', 'companion']
        shown.claims = { ...shown.claims, kind }
        shown.proof = { shownAt: NOW - ageSeconds, site: null, challenge: null }
        expect(judge(shown)).toMatchObject({ outcome: 'admit', reason: 'ok' })
      }),
    )
  })

  it('is carried by text of the QR alphanumeric set alone', () => {
    expect(textOf(world())).toMatch(/^AK1:[0-9A-Z $%*+\-./:]+$/)
  })
})

function recognised(body: Uint8Array): boolean {
  return recognise({ bytes: utf8(textOfBody(body)) }, catalogue.families).ok
}

/** `encodeAk1Text` writes a credential as the body itself, so any body can be written through it. */
function textOfBody(body: Uint8Array): string {
  return encodeAk1Text(body)
}

describe('the form of an ak1 code', () => {
  const { claims } = world()
  const county = (...changed: readonly (readonly [number, unknown])[]) =>
    new Map<number, unknown>([[1, 1], [2, [1, NOW]], [3, '张*三'], [5, [1, 5]], ...changed])
  const payload = (...changed: readonly (readonly [number, unknown])[]) => {
    const map = new Map<number, unknown>([
      [1, '341523'],
      [2, claims.subject],
      [4, NOW + 600],
      [6, NOW],
      [7, claims.credentialId],
      [-70001, county()],
      ...changed,
    ])
    for (const [key, value] of map) if (value === undefined) map.delete(key)
    return map
  }
  const signed = (map: ReadonlyMap<unknown, unknown>) =>
    encodeSign1(encodeCbor(map), ISSUER_KEY, 'ak1/credential', ISSUER_KID)
  const cnf = (...entries: readonly (readonly [number, unknown])[]) => [8, new Map([[1, new Map(entries)]])] as const
  const phone = exportEd25519(PHONE_KEY)

  it('is recognised as the broken ones below are built from', () => {
    expect(recognised(signed(payload()))).toBe(true)
    expect(recognised(signed(payload(cnf([1, 1], [-1, 6], [-2, phone]))))).toBe(true)
  })

  it('ignores claims it does not know, in both maps', () => {
    expect(recognised(signed(payload([99, 'x'], [-70001, county([99, [1]])])))).toBe(true)
  })

  const malformed: Readonly<Record<string, ReadonlyMap<unknown, unknown>>> = {
    'without issuer': payload([1, undefined]),
    'with an issuer that is a number': payload([1, 341523]),
    'without subject': payload([2, undefined]),
    'with a subject of 15 bytes': payload([2, new Uint8Array(15)]),
    'with a subject of 17 bytes': payload([2, new Uint8Array(17)]),
    'without expiry': payload([4, undefined]),
    'with a negative expiry': payload([4, -1]),
    'with an expiry beyond 2^53': payload([4, 2n ** 60n]),
    'with an nbf that is text': payload([5, 'now']),
    'without iat': payload([6, undefined]),
    'without id': payload([7, undefined]),
    'with an id of 7 bytes': payload([7, new Uint8Array(7)]),
    'with an id of 17 bytes': payload([7, new Uint8Array(17)]),
    'with a cnf that is no map': payload([8, phone]),
    'with a cnf key of 31 bytes': payload(cnf([1, 1], [-1, 6], [-2, phone.subarray(1)])),
    'with a cnf key of another type': payload(cnf([1, 2], [-1, 6], [-2, phone])),
    'with a cnf key of another curve': payload(cnf([1, 1], [-1, 7], [-2, phone])),
    'with a cnf key that carries more': payload(cnf([1, 1], [-1, 6], [-2, phone], [3, -8])),
    'without county map': payload([-70001, undefined]),
    'without kind': payload([-70001, county([1, undefined])]),
    'with kind 0': payload([-70001, county([1, 0])]),
    'with kind 6': payload([-70001, county([1, 6])]),
    'with a stamp of one part': payload([-70001, county([2, [1]])]),
    'with a stamp of three parts': payload([-70001, county([2, [1, NOW, 0]])]),
    'with a name that is bytes': payload([-70001, county([3, utf8('x')])]),
    'with facts that are a list': payload([-70001, county([4, [1]])]),
    'with a NAT result of 2': payload([-70001, county([4, new Map([[1, [2, NOW]]])])]),
    'with doses below zero': payload([-70001, county([4, new Map([[2, -1]])])]),
    'with a status index below zero': payload([-70001, county([5, [1, -5]])]),
    'with an entitlement of three parts': payload([-70001, county([6, [[utf8('x'), 'entry', 1]]])]),
    'with paper that is 1': payload([-70001, county([7, 1])]),
    'of paper with cnf': payload(cnf([1, 1], [-1, 6], [-2, phone]), [-70001, county([7, true])]),
    'of paper without status index': payload([-70001, county([5, undefined], [7, true])]),
  }
  for (const [what, map] of Object.entries(malformed)) {
    it(`is malformed ${what}`, () => {
      for (const value of map.values())
        if (value instanceof Map) for (const [key, inner] of value) if (inner === undefined) value.delete(key)
      expect(recognised(signed(map))).toBe(false)
    })
  }

  it('is malformed with a proof whose challenge is 7 or 33 bytes, whose site is a number, or without shown-at', () => {
    const credential = signed(payload(cnf([1, 1], [-1, 6], [-2, phone])))
    const prove = (...entries: readonly (readonly [number, unknown])[]) => {
      const proof = encodeSign1(encodeCbor(new Map(entries)), PHONE_KEY, proofAad(credential))
      return recognise({ bytes: utf8(encodeAk1Text(credential, proof)) }, catalogue.families).ok
    }
    expect(prove([6, NOW], [10, new Uint8Array(8)])).toBe(true)
    expect(prove([6, NOW], [10, new Uint8Array(32)])).toBe(true)
    expect(prove([6, NOW], [10, new Uint8Array(7)])).toBe(false)
    expect(prove([6, NOW], [10, new Uint8Array(33)])).toBe(false)
    expect(prove([6, NOW], [3, 7])).toBe(false)
    expect(prove([3, 'hall'])).toBe(false)
  })

  it('takes 1,024 bytes of body and refuses one more', () => {
    const size = (padding: number) => signed(payload([99, new Uint8Array(padding)]))
    const padding = 1024 - size(500).length + 500
    expect(size(padding)).toHaveLength(1024)
    expect(recognised(size(padding))).toBe(true)
    expect(recognised(size(padding + 1))).toBe(false)
  })

  it('is malformed behind any other first byte', () => {
    const body = signed(payload())
    for (let first = 0; first < 256; first++) {
      const changed = Uint8Array.from(body)
      changed[0] = first
      expect(recognised(changed), `first byte ${first}`).toBe(first === 0xd2)
    }
  })

  it('is malformed as a pair of one, of three, or of something else', () => {
    const credential = signed(payload())
    for (const body of [[credential], [credential, credential, credential], [credential, 1], [1, credential]])
      expect(recognised(encodeCbor(body))).toBe(false)
  })

  it('is claimed by its prefix in capitals alone, and never trimmed', () => {
    const claimed = (text: string) => {
      const found = recognise({ bytes: utf8(text) }, catalogue.families)
      return (found.ok ? found.claimed.family : found.family) === 'ak1'
    }
    const text = textOfBody(signed(payload()))
    expect(claimed(text)).toBe(true)
    for (const other of ['', 'AK1', 'ak1:ABC', 'AK2:ABC', ` ${text}`, `\uFEFF${text}`, 'HC1:ABC'])
      expect(claimed(other), JSON.stringify(other.slice(0, 10))).toBe(false)
    const trailing = recognise({ bytes: utf8(`${text}\r`) }, catalogue.families)
    expect(trailing).toMatchObject({ ok: false, reason: 'malformed' })
  })
})

describe('what binds an ak1 code', () => {
  it('a proof names its credential: moved to another, it is bad', () => {
    const shown = world()
    const other = encodeCredential({ ...shown.claims, doses: 1 }, ISSUER_KEY, ISSUER_KID)
    const credential = encodeCredential(shown.claims, ISSUER_KEY, ISSUER_KID)
    const proof = encodeProof({ shownAt: NOW, site: null, challenge: null }, other, PHONE_KEY)
    expect(judge(shown, encodeAk1Text(credential, proof))).toMatchObject({ outcome: 'deny', reason: 'proof-bad' })
    expect(proofAad(credential)).toEqual(new Uint8Array([...utf8('ak1/proof'), ...sha256(credential)]))
  })

  it('a credential with a phone key is refused without a proof, never taken for an online code', () => {
    const shown = world()
    const stripped = encodeAk1Text(encodeCredential(shown.claims, ISSUER_KEY, ISSUER_KID))
    expect(judge(shown, stripped)).toMatchObject({ outcome: 'deny', reason: 'proof-missing' })
  })

  it('a credential without a phone key is refused with a proof', () => {
    const shown = world()
    shown.claims = { ...shown.claims, phoneKey: null, expiresAt: shown.claims.issuedAt + 600 }
    expect(judge(shown)).toMatchObject({ outcome: 'deny', reason: 'proof-missing' })
    shown.proof = null
    expect(judge(shown)).toMatchObject({ outcome: 'admit' })
  })

  it('a phone key that is no point makes the proof bad, not the code malformed', () => {
    const shown = world()
    const noPoint = new Uint8Array(32).fill(0xff)
    shown.claims = { ...shown.claims, phoneKey: noPoint }
    expect(judge(shown)).toMatchObject({ outcome: 'deny', reason: 'proof-bad' })
  })

  it('an online code lives 600 s at most, a paper code as long as its key may sign', () => {
    const online = world()
    online.proof = null
    online.claims = { ...online.claims, phoneKey: null, issuedAt: NOW - 60, expiresAt: NOW + 541 }
    expect(judge(online)).toMatchObject({ reason: 'validity-too-long' })
    online.claims = { ...online.claims, paper: true }
    expect(judge(online)).toMatchObject({ outcome: 'admit' })
  })

  it('is verified with the key that verifies, where two keys share a kid', () => {
    const shown = world()
    shown.issuer = { ...shown.issuer, kid: Buffer.from(ISSUER_KID).toString('hex') }
    const text = textOf(shown)
    shown.issuer = { ...shown.issuer, publicKey: Buffer.from(exportEd25519(keyOf(8))).toString('hex') }
    expect(judge(shown, text)).toMatchObject({ reason: 'bad-signature' })
  })

  it('is refused as of an unknown issuer where its family or its algorithm is not the key’s', () => {
    const shown = world()
    shown.issuer = { ...shown.issuer, families: ['hc1'] }
    expect(judge(shown)).toMatchObject({ reason: 'unknown-issuer' })
  })

  it('says whose it is only once the signature held', () => {
    const presentationOf = (breakIt: (shown: World) => void) => {
      const shown = world()
      breakIt(shown)
      const verification = verifyShown(shown)
      return verification.ok ? expect.fail('nothing was refused') : verification.presentation
    }
    for (const breakIt of [
      (shown: World) => {
        shown.issuer = { ...shown.issuer, id: '341500' }
      },
      (shown: World) => {
        shown.issuer = { ...shown.issuer, notAfter: 0 }
      },
      (shown: World) => {
        shown.signWith = STRANGER_KEY
      },
    ])
      expect(presentationOf(breakIt)).toBeNull()
    expect(
      presentationOf(shown => {
        shown.issuer = { ...shown.issuer, kinds: ['ticket'] }
      }),
    ).toMatchObject({ issuer: '341523', kind: 'person', maskedName: '张*三' })
  })
})
