import { catalogue, type Reason, type Scene } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { judge, NOW, STRANGER_KEY, type World, world } from '../ak1-world.ts'

interface Row {
  readonly row: number
  readonly reason: string
  readonly breakIt: (shown: World) => void
}

const notEligible: Reason = {
  id: 'not-eligible',
  row: 22,
  outcome: 'deny',
  zh: '不在名单',
  en: 'Not on the list',
  hintZh: '',
  hintEn: '',
  symbol: 'cross',
  colour: 'red',
  voice: 'not-accepted',
}
const pickyScene: Scene = {
  name: 'picky',
  policyEntries: {},
  reasons: [notEligible],
  decide: () => ({ reason: 'not-eligible', effects: [{ kind: 'release', output: 'door', durationMs: 3000 }] }),
}

const CHALLENGE = new Uint8Array(8).fill(1)

function prove(shown: World, proof: Partial<World['proof']>): void {
  if (shown.proof !== null) shown.proof = { ...shown.proof, ...proof }
}

function claim(shown: World, claims: Partial<World['claims']>): void {
  shown.claims = { ...shown.claims, ...claims }
}

/** The table of checks: of each row every reason, and a showing that breaks exactly that. Source: formats.md §1. */
const ROWS: readonly Row[] = [
  {
    row: 1,
    reason: 'unrecognised',
    breakIt: shown => {
      shown.damage = text => text.toLowerCase()
    },
  },
  {
    row: 2,
    reason: 'malformed',
    breakIt: shown => {
      shown.damage = text => text.slice(0, -3)
    },
  },
  {
    row: 3,
    reason: 'unknown-issuer',
    breakIt: shown => {
      shown.issuer = { ...shown.issuer, id: '341500' }
    },
  },
  {
    row: 4,
    reason: 'issuer-expired',
    breakIt: shown => {
      shown.issuer = { ...shown.issuer, notAfter: NOW - 1 }
    },
  },
  {
    row: 5,
    reason: 'bad-signature',
    breakIt: shown => {
      shown.signWith = STRANGER_KEY
    },
  },
  {
    row: 6,
    reason: 'kind-not-delegated',
    breakIt: shown => {
      shown.issuer = { ...shown.issuer, kinds: ['ticket'] }
    },
  },
  { row: 7, reason: 'not-yet-valid', breakIt: shown => claim(shown, { notBefore: NOW + 21 }) },
  { row: 8, reason: 'expired', breakIt: shown => claim(shown, { expiresAt: NOW }) },
  {
    row: 9,
    reason: 'validity-too-long',
    breakIt: shown => {
      shown.issuer = { ...shown.issuer, maxValiditySeconds: 1 }
    },
  },
  {
    row: 10,
    reason: 'proof-missing',
    breakIt: shown => {
      shown.proof = null
    },
  },
  {
    row: 11,
    reason: 'proof-bad',
    breakIt: shown => {
      shown.proveWith = STRANGER_KEY
    },
  },
  { row: 12, reason: 'proof-stale', breakIt: shown => prove(shown, { shownAt: NOW - 61 }) },
  { row: 13, reason: 'proof-future', breakIt: shown => prove(shown, { shownAt: NOW + 21 }) },
  { row: 14, reason: 'wrong-site', breakIt: shown => prove(shown, { site: 'elsewhere' }) },
  {
    row: 14,
    reason: 'challenge-missing',
    breakIt: shown => {
      shown.policy['challenge'] = 'required'
      shown.challenge = CHALLENGE
    },
  },
  {
    row: 14,
    reason: 'challenge-wrong',
    breakIt: shown => {
      shown.policy['challenge'] = 'required'
      shown.challenge = CHALLENGE
      prove(shown, { challenge: new Uint8Array(8).fill(2) })
    },
  },
  {
    row: 15,
    reason: 'denied-credential',
    breakIt: shown => {
      shown.denied = ['09'.repeat(12)]
    },
  },
  {
    row: 16,
    reason: 'replayed',
    breakIt: shown => {
      shown.accepted = true
    },
  },
  {
    row: 17,
    reason: 'family-not-accepted',
    breakIt: shown => {
      shown.policy['families'] = ['jtt1179']
    },
  },
  {
    row: 17,
    reason: 'kind-not-accepted',
    breakIt: shown => {
      shown.policy['kinds'] = ['companion']
    },
  },
  {
    row: 17,
    reason: 'paper-not-accepted',
    breakIt: shown => {
      shown.policy['paper'] = false
      claim(shown, { paper: true, phoneKey: null })
      shown.proof = null
    },
  },
  {
    row: 18,
    reason: 'revoked',
    breakIt: shown => {
      shown.status = 1
    },
  },
  {
    row: 18,
    reason: 'status-stale',
    breakIt: shown => {
      shown.policy['maxStatusAgeSeconds'] = 29
    },
  },
  {
    row: 19,
    reason: 'colour-red',
    breakIt: shown => {
      shown.status = 2
    },
  },
  {
    row: 19,
    reason: 'colour-yellow',
    breakIt: shown => {
      shown.status = 3
    },
  },
  {
    row: 19,
    reason: 'colour-unknown',
    breakIt: shown => claim(shown, { stamp: null, status: null }),
  },
  {
    row: 20,
    reason: 'nat-missing',
    breakIt: shown => {
      shown.policy['facts'] = { nat: { withinHours: 48 } }
      claim(shown, { nat: null })
    },
  },
  {
    row: 20,
    reason: 'nat-positive',
    breakIt: shown => {
      shown.policy['facts'] = { nat: { withinHours: 48 } }
      claim(shown, { nat: { positive: true, sampledAt: NOW - 3600 } })
    },
  },
  {
    row: 20,
    reason: 'nat-expired',
    breakIt: shown => {
      shown.policy['facts'] = { nat: { withinHours: 48 } }
      claim(shown, { nat: { positive: false, sampledAt: NOW - 48 * 3600 - 1 } })
    },
  },
  {
    row: 21,
    reason: 'trust-stale',
    breakIt: shown => {
      shown.policy['onStale'] = 'deny'
      shown.state = { ...shown.state, trustAge: 'too-old' }
    },
  },
  {
    row: 21,
    reason: 'clock-untrusted',
    breakIt: shown => {
      shown.policy['clock'] = 'deny'
      shown.state = { ...shown.state, clock: 'unknown' }
    },
  },
  {
    row: 21,
    reason: 'storage-full',
    breakIt: shown => {
      shown.state = { ...shown.state, storageFull: true }
    },
  },
  {
    row: 21,
    reason: 'lockdown',
    breakIt: shown => {
      shown.state = { ...shown.state, lockdown: true }
    },
  },
  {
    row: 22,
    reason: 'not-eligible',
    breakIt: shown => {
      shown.scene = pickyScene
      shown.policy['scene'] = 'picky'
    },
  },
]

/** A showing that breaks `row`, and of each later row the first reason as well. */
function brokenFrom(row: Row): World {
  const later = ROWS.filter(
    (other, index) => other.row > row.row && ROWS.findIndex(({ row: number }) => number === other.row) === index,
  )
  const shown = world()
  for (const other of later.reverse()) other.breakIt(shown)
  row.breakIt(shown)
  return shown
}

describe('the order of checks', () => {
  it('admits the showing that the others are broken from', () => {
    expect(judge(world())).toMatchObject({ outcome: 'admit', reason: 'ok', colour: 'green' })
  })

  for (const row of ROWS) {
    it(`row ${row.row} alone gives ${row.reason} and does not admit`, () => {
      const shown = world()
      row.breakIt(shown)
      expect(judge(shown)).toMatchObject({ outcome: 'deny', reason: row.reason, marks: [], effects: [] })
    })

    it(`row ${row.row} gives ${row.reason} although every later row fails too`, () => {
      expect(judge(brokenFrom(row))).toMatchObject({ outcome: 'deny', reason: row.reason, marks: [], effects: [] })
    })
  }

  it('has a test for every reason that an ak1 code can meet', () => {
    const tested = new Set(ROWS.map(({ reason }) => reason))
    const others = [...catalogue.families.filter(({ name }) => name !== 'ak1'), ...catalogue.scenes]
    const ofOthers = new Set(others.flatMap(({ reasons }) => reasons.map(({ id }) => id)))
    const untested = [...catalogue.reasons.keys()].filter(id => !tested.has(id) && !ofOthers.has(id))
    expect(untested).toEqual(['card-unauthenticated', 'ask-online', 'ok'])
  })

  it('declares each tested reason in the row that gives it', () => {
    for (const { row, reason } of ROWS.filter(({ row: number }) => number !== 22))
      expect(catalogue.reasons.get(reason)?.row, reason).toBe(row)
  })
})
