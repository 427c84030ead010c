import {
  compileTrust,
  encodeStatusList,
  exportEd25519,
  fromHex,
  keyId,
  parseTrustFile,
  type StatusList,
  toHex,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { ISSUER_KID, keyOf, world } from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'

compareBytesAsBytes()

const ISSUER = world().issuer
const compile = (parts: object) => compileTrust(parseTrustFile({ version: 1, issuers: [ISSUER], ...parts }))
const lst = Buffer.from(encodeStatusList([1])).toString('base64url')
const list = (id: number, asOf: number, issuer?: string) => ({
  id,
  asOf,
  bits: 2,
  lst,
  ...(issuer === undefined ? {} : { issuer }),
})
const asOf = (found: StatusList | null) => found?.asOf ?? null

describe('trust', () => {
  it('finds an issuer’s key by the hash of the key, or by the kid it is given', () => {
    expect(compile({}).issuerKeys(ISSUER_KID)).toHaveLength(1)
    const named = compile({ issuers: [{ ...ISSUER, kid: 'AABB' }] })
    expect(named.issuerKeys(ISSUER_KID)).toEqual([])
    expect(named.issuerKeys(fromHex('aabb'))).toHaveLength(1)
  })

  it('gives every key that shares a kid, in the file’s order', () => {
    const twice = compile({ issuers: [ISSUER, { ...ISSUER, notAfter: 5 }] })
    expect(twice.issuerKeys(ISSUER_KID).map(({ notAfter }) => notAfter)).toEqual([ISSUER.notAfter, 5])
  })

  it('restricts nothing where the file says nothing, and what it says where it does', () => {
    const open = compile({}).issuerKeys(ISSUER_KID)[0]
    expect(open).toMatchObject({
      mayStampColour: true,
      mayStateFacts: true,
      maySignPaper: true,
      statusLists: null,
      maxValiditySeconds: Number.POSITIVE_INFINITY,
    })
    const narrow = { colour: false, facts: false, paper: false, statusLists: [2], maxValiditySeconds: 600 }
    expect(compile({ issuers: [{ ...ISSUER, ...narrow }] }).issuerKeys(ISSUER_KID)[0]).toMatchObject({
      mayStampColour: false,
      mayStateFacts: false,
      maySignPaper: false,
      statusLists: new Set([2]),
      maxValiditySeconds: 600,
    })
  })

  it('gives the newest list of an id that the issuer may use', () => {
    const trust = compile({ statusLists: [list(1, 10), list(1, 30, 'other'), list(1, 20, '341523'), list(2, 99)] })
    expect(asOf(trust.statusList(1, '341523'))).toBe(20)
    expect(asOf(trust.statusList(1, 'other'))).toBe(30)
    expect(asOf(trust.statusList(1, 'third'))).toBe(10)
    expect(asOf(trust.statusList(3, '341523'))).toBeNull()
  })

  it('denies a bare id in ak1 whoever issued it, and a full entry in its family and issuer alone', () => {
    const id = fromHex('aabbccdd')
    const bare = compile({ denied: ['AABBCCDD'] })
    expect(bare.isDenied('ak1', '341523', id)).toBe(true)
    expect(bare.isDenied('ak1', 'other', id)).toBe(true)
    expect(bare.isDenied('hc1', '341523', id)).toBe(false)
    expect(bare.isDenied('ak1', '341523', fromHex('aabbccde'))).toBe(false)
    const full = compile({ denied: [{ family: 'hc1', issuer: 'XX', id: 'AABBCCDD' }] })
    expect(full.isDenied('hc1', 'XX', id)).toBe(true)
    expect(full.isDenied('hc1', 'YY', id)).toBe(false)
    expect(full.isDenied('ak1', 'XX', id)).toBe(false)
  })

  it('delegates a key for the use it names and for no other', () => {
    const publicKey = exportEd25519(keyOf(4))
    const kid = keyId(publicKey)
    const trust = compile({ keys: [{ use: 'receipt', kid: toHex(kid), publicKey: toHex(publicKey) }] })
    expect(trust.delegated('receipt', kid)?.publicKey).toEqual(publicKey)
    expect(trust.delegated('command', kid)).toBeNull()
    expect(trust.delegated('receipt', ISSUER_KID)).toBeNull()
  })

  it('seals to the first county key and the first clearing key, or to none', () => {
    expect(compile({})).toMatchObject({ countyKey: null, clearingKey: null })
    const keys = [
      { id: 'new', publicKey: '11'.repeat(32) },
      { id: 'old', publicKey: '22'.repeat(32) },
    ]
    expect(compile({ countyKeys: keys }).countyKey).toEqual({ id: 'new', publicKey: fromHex('11'.repeat(32)) })
    expect(compile({ clearingKeys: keys }).clearingKey?.id).toBe('new')
  })

  it('has a digest that changes with the content', () => {
    expect(compile({}).digest).toEqual(compile({}).digest)
    expect(compile({ denied: ['aa'] }).digest).not.toEqual(compile({}).digest)
  })
})
