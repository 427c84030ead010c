import { deflateSync } from 'node:zlib'
import {
  catalogue,
  compileTrust,
  encodeBase45,
  type Presentation,
  parsePolicy,
  parseTrustFile,
  recognise,
  utf8,
  verify,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOW } from '../ak1-world.ts'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'
import { certificate, checkpoint, coseOf, hc1TextOf } from '../hc1-world.ts'

compareBytesAsBytes()

const { issuer, policy } = checkpoint()
const context = {
  trust: compileTrust(parseTrustFile({ version: 1, issuers: [issuer] })),
  policy: parsePolicy(policy, catalogue),
  now: NOW,
  site: null,
  challenge: null,
}

/** Whom these bytes present once verified; null when they are refused. */
function presented(bytes: Uint8Array): Presentation | null {
  const recognition = recognise({ bytes }, catalogue.families)
  if (!recognition.ok) return null
  const verification = verify(recognition.claimed, context)
  return verification.ok ? verification.presentation : null
}

const COSE = coseOf(certificate())
const CODE = utf8(hc1TextOf(COSE))
const WHOLE = presented(CODE)

/** A deflated block leaves some bits unsaid (see the last test): damage there changes nothing that was signed. */
function opensNothingNew(bytes: Uint8Array, what: string): void {
  const found = presented(bytes)
  if (found !== null) expect(found, what).toEqual(WHOLE)
}

describe('a damaged foreign certificate', () => {
  it('is measured against one that is admitted', () => {
    expect(WHOLE).toMatchObject({ family: 'hc1', issuer: 'FR' })
  })

  it('is refused after any single bit of the signed message has flipped', () => {
    for (const [bit, cose] of everyBitFlipped(COSE)) expect(presented(utf8(hc1TextOf(cose))), `bit ${bit}`).toBeNull()
  })

  it('is refused, or is the same still, after any single bit of its text has flipped', () => {
    for (const [bit, bytes] of everyBitFlipped(CODE)) opensNothingNew(bytes, `bit ${bit}`)
  })

  it('is refused, or is the same still, after any characters have changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(changes, places => {
        const bytes = Uint8Array.from(CODE)
        for (const [place, byte] of places) bytes[place % bytes.length] = byte
        opensNothingNew(bytes, 'characters changed')
      }),
      { numRuns: 500 },
    )
  })

  it('is refused at every length short of the whole, of the text and of the message', () => {
    for (let length = 0; length < CODE.length; length++)
      expect(presented(CODE.subarray(0, length)), `${length} characters`).toBeNull()
    for (let length = 0; length < COSE.length; length++)
      expect(presented(utf8(hc1TextOf(COSE.subarray(0, length)))), `${length} bytes`).toBeNull()
  })

  it('is refused with anything before or behind it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), more => {
        expect(presented(Uint8Array.from([...CODE, ...more]))).toBeNull()
        expect(presented(Uint8Array.from([...more, ...CODE]))).toBeNull()
        expect(presented(utf8(hc1TextOf(Uint8Array.from([...COSE, ...more]))))).toBeNull()
      }),
    )
  })

  it('is refused when it is random bytes, at every layer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), bytes => {
        expect(presented(bytes)).toBeNull()
        expect(presented(Uint8Array.from([...utf8('HC1:'), ...bytes]))).toBeNull()
        expect(presented(utf8(`HC1:${encodeBase45(bytes)}`))).toBeNull()
        expect(presented(utf8(hc1TextOf(bytes)))).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  it('is the very same where only bits that deflate skips have flipped', () => {
    // A stored block begins at a byte: of the one before, five bits are skipped. Source: RFC 1951 §3.2.4.
    const packed = deflateSync(COSE, { level: 0 })
    const found = [...everyBitFlipped(packed)]
      .map(([, changed]) => presented(utf8(`HC1:${encodeBase45(changed)}`)))
      .filter(one => one !== null)
    expect(found).toEqual(Array.from({ length: 5 }, () => WHOLE))
  })
})
