import { readFileSync } from 'node:fs'
import {
  catalogue,
  compileTrust,
  decide,
  fromHex,
  HEALTHY,
  type Outcome,
  parsePolicyForCheck,
  parseTrustFile,
  recognise,
  utf8,
  verify,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { everyBitFlipped } from '../equal-bytes.ts'

interface Case {
  readonly name: string
  readonly text: string
  readonly policy: string
  readonly at: number
  readonly site?: string
  readonly challenge?: string
  readonly trust?: unknown
  readonly expect: { readonly outcome: Outcome; readonly reason: string }
}

const file = JSON.parse(readFileSync(new URL('../../vectors/cases.json', import.meta.url), 'utf8'))
const cases: readonly Case[] = file.cases
/** The codes that open doors: the ones worth forging. */
const admitted = cases.filter(one => one.expect.outcome === 'admit' && !one.name.startsWith('ride:'))
const [phone, paper] = [admitted[0] as Case, admitted.find(({ name }) => name === 'paper code') as Case]

const policies = Object.values(file.policies).map(policy => parsePolicyForCheck(policy, catalogue))

/** The outcomes of `bytes` at the place and time of a case, under every policy there is. */
function outcomesOf(bytes: Uint8Array, one: Case): ReadonlySet<Outcome> {
  const recognition = recognise({ bytes }, catalogue.families)
  if (!recognition.ok) return new Set(['deny'])
  const trust = compileTrust(parseTrustFile(one.trust ?? file.trust))
  const challenge = one.challenge === undefined ? null : fromHex(one.challenge)
  return new Set(
    policies.map(policy => {
      const context = { trust, policy, now: one.at, site: one.site ?? null, challenge }
      const verification = verify(recognition.claimed, context)
      if (!verification.ok) return 'deny'
      const own = {
        ...context,
        reasons: catalogue.reasons,
        scene: null,
        state: HEALTHY,
        situation: null,
        markedUntil: () => null,
      }
      return decide(verification.presentation, own).outcome
    }),
  )
}

const anyCode = fc.constantFrom(...admitted)

describe('a damaged ak1 code', () => {
  it('is measured against codes that do open', () => {
    expect(admitted.length).toBeGreaterThan(20)
    for (const one of admitted) expect(outcomesOf(utf8(one.text), one), one.name).toContain('admit')
  })

  for (const one of [phone, paper]) {
    it(`is refused after any single bit of the ${one.name} has flipped`, () => {
      for (const [bit, bytes] of everyBitFlipped(utf8(one.text)))
        expect([...outcomesOf(bytes, one)], `bit ${bit}`).toEqual(['deny'])
    })

    it(`is refused at every length short of the whole ${one.name}`, () => {
      const bytes = utf8(one.text)
      for (let length = 0; length < bytes.length; length++)
        expect([...outcomesOf(bytes.subarray(0, length), one)], `${length} bytes`).toEqual(['deny'])
    })
  }

  it('is refused after any characters have changed', () => {
    fc.assert(
      fc.property(
        anyCode,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (one, changes) => {
          const bytes = utf8(one.text)
          for (const [place, byte] of changes) bytes[place % bytes.length] = byte
          fc.pre(Buffer.compare(bytes, utf8(one.text)) !== 0)
          expect([...outcomesOf(bytes, one)]).toEqual(['deny'])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is refused with anything before or behind it', () => {
    fc.assert(
      fc.property(anyCode, fc.uint8Array({ minLength: 1, maxLength: 6 }), (one, more) => {
        const bytes = utf8(one.text)
        expect([...outcomesOf(Uint8Array.from([...bytes, ...more]), one)]).toEqual(['deny'])
        expect([...outcomesOf(Uint8Array.from([...more, ...bytes]), one)]).toEqual(['deny'])
      }),
    )
  })

  it('is refused when it is random bytes, with the prefix and without', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), bytes => {
        expect([...outcomesOf(bytes, phone)]).toEqual(['deny'])
        expect([...outcomesOf(Uint8Array.from([...utf8('AK1:'), ...bytes]), phone)]).toEqual(['deny'])
      }),
      { numRuns: 500 },
    )
  })
})
