import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  catalogue,
  compileTrust,
  decide,
  HEALTHY,
  type Outcome,
  parsePolicyForCheck,
  parseTrustFile,
  recognise,
  utf8,
  verify,
} from '@ankang/protocol'
import { expect } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import type { PublishedCase } from '../published-case.ts'

const vectors = requirement('vectors')

interface CasesFile {
  readonly policies: Readonly<Record<string, unknown>>
  readonly cases: readonly PublishedCase[]
}

const readCases = (): CasesFile => JSON.parse(readFileSync(join(vectors.value, 'dgc/cases.json'), 'utf8'))

function outcomeOf(one: PublishedCase, { policies }: CasesFile): Outcome {
  const recognition = recognise({ bytes: utf8(one.text ?? '') }, catalogue.families)
  if (!recognition.ok) return 'deny'
  const trust = compileTrust(parseTrustFile(one.trust))
  const policy = parsePolicyForCheck(policies[one.policy], catalogue)
  const context = { trust, policy, now: one.at, site: null, challenge: null }
  const verification = verify(recognition.claimed, context)
  if (!verification.ok) return 'deny'
  const { reasons } = catalogue
  const device = { state: HEALTHY, situation: null, markedUntil: () => null }
  return decide(verification.presentation, { ...context, ...device, reasons, scene: null }).outcome
}

/** Looked at before it was issued: the EU's verifiers ask for iat, ours do not. */
const BEFORE_ITS_ISSUE = 'common/2DCode/raw/CO16.json'

vectors.it('the EU’s published certificates end as the EU says, but for the one that is shown before its issue', () => {
  const file = readCases()
  const ends = file.cases.map(one => ({ name: one.name, ours: outcomeOf(one, file), theirs: one.expect['outcome'] }))
  expect(ends).toHaveLength(139)
  expect(ends.filter(({ ours, theirs }) => ours !== theirs)).toEqual([
    { name: BEFORE_ITS_ISSUE, ours: 'admit', theirs: 'deny' },
  ])
})

vectors.it('the EU’s published certificates are all refused where the policy does not name their family', () => {
  const file = readCases()
  const foreign = file.policies['foreign'] as Readonly<Record<string, unknown>>
  const closed = { ...file, policies: { foreign: { ...foreign, families: ['ak1'] } } }
  for (const one of file.cases) expect(outcomeOf(one, closed), one.name).toBe('deny')
})
