import { readFileSync } from 'node:fs'
import {
  catalogue,
  compileTrust,
  decide,
  fromHex,
  HEALTHY,
  parsePolicyForCheck,
  parseTrustFile,
  recognise,
  refusal,
  utf8,
  verify,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { PublishedCase } from '../published-case.ts'

const file = JSON.parse(readFileSync(new URL('../../vectors/cases.json', import.meta.url), 'utf8'))
const cases: readonly PublishedCase[] = file.cases

function check(one: PublishedCase): Record<string, unknown> {
  const trust = compileTrust(parseTrustFile(one.trust ?? file.trust))
  const policy = parsePolicyForCheck(file.policies[one.policy], catalogue)
  const recognition = recognise(
    { bytes: one.text === undefined ? fromHex(one.hex ?? '') : utf8(one.text) },
    catalogue.families,
  )
  if (!recognition.ok) return { ...refusal(recognition.reason, catalogue.reasons) }
  const context = {
    trust,
    policy,
    now: one.at,
    site: one.site ?? null,
    challenge: one.challenge === undefined ? null : fromHex(one.challenge),
  }
  const verification = verify(recognition.claimed, context)
  if (!verification.ok) return { ...refusal(verification.reason, catalogue.reasons) }
  const decision = decide(verification.presentation, {
    ...context,
    reasons: catalogue.reasons,
    scene: null,
    state: HEALTHY,
    situation: null,
    markedUntil: () => null,
  })
  return { ...verification.presentation, ...decision }
}

describe('the published cases of ak1 and of ride codes', () => {
  for (const one of cases) {
    it(`${one.name}: ${one.expect['outcome']}, ${one.expect['reason']}`, () => {
      expect(check(one)).toMatchObject(one.expect)
    })
  }

  it('are all there', () => {
    expect(cases).toHaveLength(131)
    expect(cases.filter(({ name }) => name.startsWith('ride:'))).toHaveLength(28)
  })
})
