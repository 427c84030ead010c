import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { catalogue, encodeBase45, encodeCbor, fromHex, recognise, Tagged, toHex, utf8 } from '@ankang/protocol'
import { encode, rfc8949EncodeOptions } from 'cborg'
import { describe, expect, it } from 'vitest'
import { judge, NOW, type World } from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'
import { certificate, checkpoint, claimsWith, coseOf, fate, hc1TextOf } from '../hc1-world.ts'

compareBytesAsBytes()

function recognitionOf(text: string) {
  return recognise({ bytes: utf8(text) }, catalogue.families)
}

const admitted = { outcome: 'admit', reason: 'ok' }
const denied = (reason: string) => ({ outcome: 'deny', reason })

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
