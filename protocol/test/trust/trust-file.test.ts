import { AnkangError, compileTrust, parseTrustFile } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { world } from '../ak1-world.ts'

const ISSUER = world().issuer
const GOOD = { version: 1, issuers: [ISSUER] }
const KEY = ISSUER.publicKey

function refusalMessage(file: unknown): string {
  try {
    parseTrustFile(file, 'trust/trust.json')
  } catch (error) {
    if (error instanceof AnkangError && error.code === 'trust-file-invalid') return error.message
    throw error
  }
  return expect.fail('the trust file was taken')
}

describe('a trust file', () => {
  it('is taken with its optional parts absent', () => {
    expect(parseTrustFile(GOOD)).toEqual({
      ...GOOD,
      roots: [],
      statusLists: [],
      denied: [],
      keys: [],
      countyKeys: [],
      clearingKeys: [],
    })
  })

  const issuer = (changed: object) => ({ ...GOOD, issuers: [{ ...ISSUER, ...changed }] })
  const wrong: Readonly<Record<string, readonly [file: unknown, names: string]>> = {
    'another version': [{ ...GOOD, version: 2 }, 'version'],
    'no issuers': [{ version: 1 }, 'issuers'],
    'an unknown key at the top': [{ ...GOOD, issuer: [] }, 'issuer'],
    'a misspelt restriction of an issuer': [issuer({ papers: false }), 'issuers.0.papers'],
    'an algorithm it does not verify': [issuer({ alg: 'RS256' }), 'issuers.0.alg'],
    'a key that is no hex': [issuer({ publicKey: 'xyz' }), 'issuers.0.publicKey'],
    'a key of half a byte': [issuer({ publicKey: 'abc' }), 'issuers.0.publicKey'],
    'a kind that is none': [issuer({ kinds: ['people'] }), 'issuers.0.kinds.0'],
    'a validity in text': [issuer({ notAfter: '2100-01-01' }), 'issuers.0.notAfter'],
    'a status list of another width': [
      { ...GOOD, statusLists: [{ id: 1, asOf: 0, bits: 1, lst: '' }] },
      'statusLists.0.bits',
    ],
    'a status list that is no base64url': [
      { ...GOOD, statusLists: [{ id: 1, asOf: 0, bits: 2, lst: 'a+b=' }] },
      'statusLists.0.lst',
    ],
    'a denied id that is no hex': [{ ...GOOD, denied: ['xyz'] }, 'denied.0'],
    'a delegated key without a use': [{ ...GOOD, keys: [{ kid: '00'.repeat(8), publicKey: KEY }] }, 'keys.0.use'],
    'a delegated key with a short kid': [
      { ...GOOD, keys: [{ use: 'receipt', kid: '00', publicKey: KEY }] },
      'keys.0.kid',
    ],
    'a county key of 31 bytes': [
      { ...GOOD, countyKeys: [{ id: 'c', publicKey: KEY.slice(2) }] },
      'countyKeys.0.publicKey',
    ],
  }
  for (const [what, [file, names]] of Object.entries(wrong)) {
    it(`is refused with ${what}, naming the place`, () => {
      const message = refusalMessage(file)
      expect(message).toContain(names)
      expect(message).toContain('trust/trust.json')
    })
  }

  it('is refused with every wrong place named, up to five', () => {
    const message = refusalMessage({
      version: 1,
      issuers: Array.from({ length: 7 }, () => ({ ...ISSUER, alg: 'none' })),
    })
    expect(message).toContain('issuers.4.alg')
    expect(message).not.toContain('issuers.5.alg')
    expect(message).toContain('2 more')
  })

  it('does not compile with bytes that are no key of the algorithm', () => {
    const compile = (changed: object) => () => compileTrust(parseTrustFile(issuer(changed)))
    expect(compile({ publicKey: 'ab'.repeat(31) })).toThrow(
      expect.objectContaining({ code: 'trust-key-invalid', message: expect.stringContaining('32 raw bytes') }),
    )
    expect(compile({ alg: 'ES256' })).toThrow(
      expect.objectContaining({ code: 'trust-key-invalid', message: expect.stringContaining('SPKI DER') }),
    )
  })

  it('does not compile with a status list that does not open', () => {
    const file = { ...GOOD, statusLists: [{ id: 4, asOf: 0, bits: 2, lst: 'AAAA' }] }
    expect(() => compileTrust(parseTrustFile(file))).toThrow(
      expect.objectContaining({ code: 'status-list-invalid', message: expect.stringContaining('status list 4') }),
    )
  })
})
