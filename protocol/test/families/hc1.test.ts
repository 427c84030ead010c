import { generateKeyPairSync } from 'node:crypto'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import {
  catalogue,
  encodeBase45,
  encodeCbor,
  encodeCredential,
  encodeSign1,
  fromHex,
  keyId,
  recognise,
  sha256,
  Tagged,
  toHex,
  utf8,
} from '@ankang/protocol'
import { encode, rfc8949EncodeOptions } from 'cborg'
import { describe, expect, it } from 'vitest'
import { ISSUER_KEY, ISSUER_KID, judge, NOW, verifyShown, type World } from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'
import {
  type Certificate,
  certificate,
  checkpoint,
  claimsWith,
  coseOf,
  ES256,
  ecKeyOf,
  FOREIGN_KID,
  foreignText,
  hc1TextOf,
  PS256,
  rsaKey,
  spkiOf,
} from '../hc1-world.ts'

compareBytesAsBytes()

/** What becomes of a certificate at a checkpoint; both as they come are admitted. */
function fate(changed: Partial<Certificate>, place: (shown: World) => void = () => undefined) {
  const shown = checkpoint()
  place(shown)
  return judge(shown, foreignText(changed))
}

function recognitionOf(text: string) {
  return recognise({ bytes: utf8(text) }, catalogue.families)
}

const admitted = { outcome: 'admit', reason: 'ok' }
const denied = (reason: string) => ({ outcome: 'deny', reason })

describe('a foreign certificate', () => {
  it('is admitted where the policy names its family, without a colour and whatever colours are asked for', () => {
    expect(judge(checkpoint(), foreignText())).toMatchObject({ ...admitted, colour: null })
  })

  it('is a person, on paper, and nothing more is known of the bearer', () => {
    const cose = coseOf(certificate())
    const verification = verifyShown(checkpoint(), hc1TextOf(cose))
    expect(verification).toEqual({
      ok: true,
      presentation: {
        family: 'hc1',
        issuer: 'FR',
        issuerKid: FOREIGN_KID,
        kind: 'person',
        credentialId: sha256(cose.subarray(cose.length - 64)).subarray(0, 16),
        carrier: 'paper',
        shownAt: null,
        expiresAt: NOW + 3600,
        site: null,
        challenge: null,
        subject: null,
        maskedName: null,
        entitlements: [],
        account: null,
        health: null,
      },
    })
  })

  it('is refused where the policy does not name its family', () => {
    expect(fate({}, shown => Object.assign(shown.policy, { families: ['ak1', 'jtt1179'] }))).toMatchObject(
      denied('family-not-accepted'),
    )
  })

  it('is refused as paper where paper is not taken, and shown twice', () => {
    expect(fate({}, shown => Object.assign(shown.policy, { paper: false }))).toMatchObject(denied('paper-not-accepted'))
    expect(fate({}, shown => Object.assign(shown, { accepted: true }))).toMatchObject(denied('replayed'))
  })

  it('is refused where a challenge must be answered, for it can answer none', () => {
    expect(fate({}, shown => Object.assign(shown.policy, { challenge: 'required' }))).toMatchObject(
      denied('challenge-missing'),
    )
  })

  it('can be denied by issuer and id', () => {
    const cose = coseOf(certificate())
    const id = toHex(sha256(cose.subarray(cose.length - 64)).subarray(0, 16))
    const judged = (issuer: string) => {
      const shown = checkpoint()
      shown.denied = [{ family: 'hc1', issuer, id }]
      return judge(shown, hc1TextOf(cose))
    }
    expect(judged('FR')).toMatchObject(denied('denied-credential'))
    expect(judged('DE')).toMatchObject(admitted)
  })

  it('is not this family when its prefix is another', () => {
    const text = foreignText()
    for (const other of [text.slice(4), `hc1:${text.slice(4)}`, `HC2:${text.slice(4)}`, ` ${text}`, 'HC1', ''])
      expect(recognitionOf(other)).toMatchObject({ reason: 'unrecognised' })
  })
})

describe('the signer of a foreign certificate', () => {
  it.each([2048, 3072])('is proven with PS256 and an RSA key of %i bits', bits => {
    const key = rsaKey(bits)
    const kid = keyId(spkiOf(key))
    const issuer = { ...checkpoint().issuer, alg: 'PS256' as const, publicKey: toHex(spkiOf(key)) }
    const place = (shown: World) => Object.assign(shown, { issuer })
    const header = (alg: number) =>
      [
        [1, alg],
        [4, kid],
      ] as const
    expect(fate({ key, protectedHeader: header(PS256) }, place)).toMatchObject(admitted)
    expect(fate({ key: rsaKey(2048), protectedHeader: header(PS256) }, place)).toMatchObject(denied('bad-signature'))
    expect(fate({ key, protectedHeader: header(ES256) }, place)).toMatchObject(denied('unknown-issuer'))
  })

  it('is refused as a stranger under a known kid', () => {
    expect(fate({ key: ecKeyOf(5) })).toMatchObject(denied('bad-signature'))
  })

  it('is refused on another curve', () => {
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    expect(fate({ key })).toMatchObject(denied('bad-signature'))
    const publicKey = toHex(spkiOf(key))
    const onlyThatKey = (shown: World) => Object.assign(shown.issuer, { publicKey, kid: toHex(FOREIGN_KID) })
    expect(() => fate({ key }, onlyThatKey)).toThrow(expect.objectContaining({ code: 'trust-key-invalid' }))
  })

  it('is found under the kid of the unprotected header, where the protected one has none', () => {
    const protectedHeader = [[1, ES256]] as const
    expect(fate({ protectedHeader, unprotected: [[4, FOREIGN_KID]] })).toMatchObject(admitted)
    expect(fate({ protectedHeader, unprotected: [[4, new Uint8Array(8)]] })).toMatchObject(denied('unknown-issuer'))
    expect(fate({ protectedHeader })).toMatchObject(denied('unknown-issuer'))
  })

  it('is found by headers that are not protected at all', () => {
    const unprotected = certificate().protectedHeader
    expect(fate({ protectedHeader: [], unprotected })).toMatchObject(admitted)
  })

  it('is the one the protected header names, whatever the other one says', () => {
    const other = new Uint8Array(8).fill(1)
    expect(fate({ unprotected: [[4, other]] })).toMatchObject(admitted)
    const protectedHeader = [
      [1, ES256],
      [4, other],
    ] as const
    expect(fate({ protectedHeader, unprotected: [[4, FOREIGN_KID]] })).toMatchObject(denied('unknown-issuer'))
  })

  it('is unknown under an algorithm that is missing, not ours, or not this family’s', () => {
    for (const alg of [undefined, -35, -8, 'ES256', null]) {
      const protectedHeader = [...(alg === undefined ? [] : [[1, alg] as const]), [4, FOREIGN_KID] as const]
      expect(fate({ protectedHeader }), String(alg)).toMatchObject(denied('unknown-issuer'))
    }
    const eddsa = encodeSign1(encodeCbor(new Map(claimsWith())), ISSUER_KEY, '', ISSUER_KID)
    const shown = checkpoint()
    shown.issuer = { ...shown.issuer, alg: 'EdDSA', publicKey: '01'.repeat(32), kid: toHex(ISSUER_KID) }
    expect(judge(shown, hc1TextOf(eddsa))).toMatchObject(denied('unknown-issuer'))
  })

  it('is believed for every issuer under the id *, else for its own alone', () => {
    const named = (id: string) => (shown: World) => Object.assign(shown.issuer, { id })
    const german = { claims: claimsWith([1, 'DE']) }
    const nameless = { claims: claimsWith([1, undefined]) }
    for (const changed of [{}, german, nameless]) expect(fate(changed, named('*'))).toMatchObject(admitted)
    expect(fate({}, named('FR'))).toMatchObject(admitted)
    expect(fate(german, named('FR'))).toMatchObject(denied('unknown-issuer'))
    expect(fate(nameless, named('FR'))).toMatchObject(denied('unknown-issuer'))
    expect(fate({ claims: claimsWith([1, '*']) }, named('FR'))).toMatchObject(denied('unknown-issuer'))
  })

  it('stands for no county code under the id *', () => {
    const { claims } = checkpoint()
    const credential = encodeCredential({ ...claims, issuer: '341523', phoneKey: null }, ISSUER_KEY, ISSUER_KID)
    const shown = checkpoint()
    shown.issuer = { ...shown.issuer, families: ['ak1', 'hc1'], kid: toHex(ISSUER_KID) }
    expect(judge(shown, `AK1:${encodeBase45(credential)}`)).toMatchObject(denied('unknown-issuer'))
  })

  it('must be trusted for this family, now, and for persons', () => {
    const change = (issuer: Partial<World['issuer']>) => (shown: World) => Object.assign(shown.issuer, issuer)
    expect(fate({}, change({ families: ['ak1'] }))).toMatchObject(denied('unknown-issuer'))
    expect(fate({}, change({ notAfter: NOW - 1 }))).toMatchObject(denied('issuer-expired'))
    expect(fate({}, change({ kinds: ['ticket'] }))).toMatchObject(denied('kind-not-delegated'))
  })

  it('is named only once its signature held', () => {
    const shown = checkpoint()
    expect(verifyShown(shown, foreignText({ key: ecKeyOf(5) }))).toMatchObject({ presentation: null })
    shown.now = NOW + 3601
    expect(verifyShown(shown, foreignText())).toMatchObject({ reason: 'expired', presentation: { issuer: 'FR' } })
  })
})

/** The claims as bytes, with an exp that our own encoder cannot write. */
function payloadExpiring(exp: Uint8Array): Uint8Array {
  const health = encodeCbor(new Map([[-260, new Map([[1, new Map()]])]])).subarray(1)
  return new Uint8Array([0xa2, 4, ...exp, ...health])
}

const float = (value: number) => encode(value, rfc8949EncodeOptions)

describe('the times of a foreign certificate', () => {
  it('let it in up to and with the second of its expiry', () => {
    for (const exp of [NOW, NOW + 1]) expect(fate({ claims: claimsWith([4, exp]) })).toMatchObject(admitted)
    for (const exp of [NOW - 1, 0, -5]) expect(fate({ claims: claimsWith([4, exp]) })).toMatchObject(denied('expired'))
  })

  it.each([
    ['a double with a fraction', float(NOW + 0.5), 'ok'],
    ['a single that is whole', fromHex(`fa${toHex(float32(NOW))}`), 'ok'],
    ['a double in the past', float(NOW - 0.5), 'expired'],
    ['an integer in tag 1', encodeCbor(new Tagged(1, NOW)), 'ok'],
    ['a float in tag 1', new Uint8Array([0xc1, ...float(NOW - 0.5)]), 'expired'],
  ])('may be %s', (_, exp, reason) => {
    expect(fate({ payload: payloadExpiring(exp) })).toMatchObject({ reason })
  })

  it.each([
    ['not a number', float(Number.NaN)],
    ['infinite', float(Number.POSITIVE_INFINITY)],
    ['a double beyond every calendar', float(1e300)],
    ['an integer beyond 2^53', encodeCbor(2n ** 60n)],
    ['a date as text', encodeCbor('2030-01-01')],
    ['a date in tag 0', encodeCbor(new Tagged(0, '2030-01-01T00:00:00Z'))],
    ['a number in a tag of another meaning', encodeCbor(new Tagged(2, NOW))],
    ['null', encodeCbor(null)],
  ])('are malformed as %s', (_, exp) => {
    expect(fate({ payload: payloadExpiring(exp) })).toMatchObject(denied('malformed'))
  })

  it('are no matter but for its expiry', () => {
    for (const value of [NOW + 86_400, 'tomorrow', undefined])
      expect(fate({ claims: claimsWith([5, value], [6, value]) }), String(value)).toMatchObject(admitted)
  })

  it('may be as far apart as the issuer likes', () => {
    const place = (shown: World) => Object.assign(shown.issuer, { maxValiditySeconds: 600 })
    expect(fate({ claims: claimsWith([4, NOW + 10 ** 9]) }, place)).toMatchObject(admitted)
  })
})

describe('the form of a foreign certificate', () => {
  it.each([[[18]], [[61, 18]], [[]]])('may stand in the tags %j', tags => {
    expect(fate({ tags })).toMatchObject(admitted)
  })

  it.each([[[61]], [[61, 61, 18]], [[18, 61]], [[18, 18]], [[98]], [[17]], [[0]]])(
    'is malformed in the tags %j',
    tags => {
      expect(fate({ tags })).toMatchObject(denied('malformed'))
    },
  )

  it('may hold headers and claims nobody here knows, dates in tag 0 and floats among them', () => {
    const health = new Map<unknown, unknown>([
      [1, new Map([['t', [new Map([['sc', new Tagged(0, '2021-05-03T10:27:15Z')]])]]])],
      [2, [1, 'x']],
    ])
    const unprotected = [
      [33, new Uint8Array(3)],
      ['x', [1]],
    ] as const
    expect(fate({ claims: claimsWith([-260, health], [99, 'x'], ['own', null]), unprotected })).toMatchObject(admitted)
    const more = payloadExpiring(new Uint8Array([...encodeCbor(NOW), 0x18, 99, ...float(1.5)]))
    expect(fate({ payload: more.with(0, 0xa3) })).toMatchObject(admitted)
  })

  it.each([
    ['without exp', [[4, undefined]]],
    ['with an issuer that is no text', [[1, 33]]],
    ['without claim -260', [[-260, undefined]]],
    ['with a claim -260 that is no map', [[-260, [1]]]],
    ['without claim -260.1', [[-260, new Map([[2, new Map()]])]]],
    ['with a claim -260.1 that is no map', [[-260, new Map([[1, 'x']])]]],
    ['with a claim -260.1 in an array', [[-260, new Map([[1, [new Map()]]])]]],
  ] as const)('is malformed %s', (_, changed) => {
    expect(fate({ claims: claimsWith(...changed) })).toMatchObject(denied('malformed'))
  })

  it.each([
    ['a payload that is no map', { payload: encodeCbor([1]) }],
    ['a payload with something behind it', { payload: new Uint8Array([...encodeCbor(new Map(claimsWith())), 0]) }],
    [
      'a claim that stands twice',
      { payload: new Uint8Array([...payloadExpiring(encodeCbor(NOW)), 4, 0]).with(0, 0xa3) },
    ],
    [
      'a payload of indefinite length',
      { payload: new Uint8Array([0xbf, ...payloadExpiring(encodeCbor(NOW)).subarray(1), 0xff]) },
    ],
    ['claims nested too deeply', { claims: claimsWith([99, [[[[[[[[1]]]]]]]]]) }],
  ])('is malformed with %s', (_, changed) => {
    expect(fate(changed)).toMatchObject(denied('malformed'))
  })

  it('is malformed without base45 or without zlib around it', () => {
    const cose = coseOf(certificate())
    const texts = [
      `HC1:${toHex(deflateSync(cose))}g`,
      `HC1:${encodeBase45(cose)}`,
      `HC1:${encodeBase45(new Uint8Array(deflateRawSync(cose)))}`,
      `HC1:${encodeBase45(new Uint8Array(gzipSync(cose)))}`,
      `HC1:${encodeBase45(new Uint8Array([...deflateSync(cose), 0]))}`,
      `HC1:${encodeBase45(new Uint8Array([...deflateSync(cose), ...deflateSync(cose)]))}`,
      'HC1:',
    ]
    for (const text of texts) expect(recognitionOf(text)).toMatchObject({ family: 'hc1', reason: 'malformed' })
  })

  it('takes 8,192 bytes of message and not one more, however small they were packed', () => {
    const padded = (lengthBytes: number) =>
      coseOf({ ...certificate(), claims: claimsWith([99, new Uint8Array(lengthBytes)]) })
    const room = 8192 - padded(8000).length + 8000
    expect(padded(room)).toHaveLength(8192)
    expect(judge(checkpoint(), hc1TextOf(padded(room)))).toMatchObject(admitted)
    expect(recognitionOf(hc1TextOf(padded(room + 1)))).toMatchObject({ reason: 'malformed' })
  })

  it('is malformed as a bomb, and when longer than anything a reader delivers', () => {
    const bomb = hc1TextOf(new Uint8Array(2_500_000))
    expect(bomb.length).toBeLessThan(4096)
    expect(recognitionOf(bomb)).toMatchObject({ reason: 'malformed', detail: expect.stringContaining('at most 8192') })
    expect(recognitionOf(`HC1:${'0'.repeat(4093)}`)).toMatchObject({ reason: 'malformed', detail: 'over 4096 bytes' })
  })
})

function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value)
  return bytes
}
