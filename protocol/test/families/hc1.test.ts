import { generateKeyPairSync } from 'node:crypto'
import {
  catalogue,
  encodeBase45,
  encodeCbor,
  encodeCredential,
  encodeSign1,
  keyId,
  recognise,
  sha256,
  toHex,
  utf8,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { ISSUER_KEY, ISSUER_KID, judge, NOW, verifyShown, type World } from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'
import {
  certificate,
  checkpoint,
  claimsWith,
  coseOf,
  ES256,
  ecKeyOf,
  FOREIGN_KID,
  fate,
  foreignText,
  hc1TextOf,
  PS256,
  rsaKey,
  spkiOf,
} from '../hc1-world.ts'

compareBytesAsBytes()

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
        otherIds: [expect.anything()],
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
