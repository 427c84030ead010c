import { AnkangError, catalogue, isSoftenable, parsePolicy, parsePolicyForCheck } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { judge, world } from './ak1-world.ts'

const GOOD = world().policy

function refusalMessage(policy: unknown): string {
  try {
    parsePolicy(policy, catalogue, 'policies/hall-door.json')
  } catch (error) {
    if (error instanceof AnkangError && error.code === 'policy-invalid') return error.message
    throw error
  }
  return expect.fail('the policy was taken')
}

describe('a policy', () => {
  it('is taken with its optional parts absent, which then check nothing', () => {
    expect(parsePolicy(GOOD, catalogue)).toMatchObject({
      maxStatusAgeSeconds: null,
      facts: null,
      outcomes: {},
      sceneOptions: { openSeconds: 3 },
    })
  })

  it('is taken with every optional part given', () => {
    const full = {
      ...GOOD,
      maxStatusAgeSeconds: 600,
      facts: { nat: { withinHours: 48 } },
      challenge: 'required',
      maxStampAgeSeconds: 86_400,
      rideWindowSeconds: 60,
      onStale: 'refer',
      clock: 'deny',
      outcomes: { 'colour-yellow': 'refer' },
      openSeconds: 5,
    }
    expect(parsePolicy(full, catalogue)).toMatchObject({ challenge: 'required', sceneOptions: { openSeconds: 5 } })
  })

  const wrong: Readonly<Record<string, readonly [policy: unknown, names: string | RegExp]>> = {
    'an unknown key': [{ ...GOOD, colors: ['green'] }, 'colors'],
    'a misspelt key beside a missing one': [{ ...GOOD, paper: undefined, papers: true }, 'paper'],
    'a colour that is none': [{ ...GOOD, colours: ['blue'] }, 'colours.0'],
    'a kind that is none': [{ ...GOOD, kinds: ['persons'] }, 'kinds.0'],
    'a negative window': [{ ...GOOD, proofWindowSeconds: -1 }, 'proofWindowSeconds'],
    'a window that is text': [{ ...GOOD, proofWindowSeconds: '60' }, 'proofWindowSeconds'],
    'half a second': [{ ...GOOD, futureSkewSeconds: 0.5 }, 'futureSkewSeconds'],
    'no scene': [{ ...GOOD, scene: undefined }, 'scene'],
    'facts that are unknown': [{ ...GOOD, facts: { vaccine: {} } }, 'facts'],
    'a door held open for a minute': [{ ...GOOD, openSeconds: 60 }, 'openSeconds'],
    'a list': [[], /policies\/hall-door\.json/],
    nothing: [null, /policies\/hall-door\.json/],
  }
  for (const [what, [policy, names]] of Object.entries(wrong)) {
    it(`is refused with ${what}, naming the place`, () => {
      const message = refusalMessage(policy)
      expect(message).toMatch(names)
      expect(message).toContain('policies/hall-door.json')
    })
  }

  it('keeps the common part alone for a scene this build does not know', () => {
    expect(parsePolicy({ ...GOOD, scene: 'kiosk' }, catalogue)).toMatchObject({ scene: 'kiosk', sceneOptions: {} })
    expect(refusalMessage({ ...GOOD, scene: 'kiosk', openSeconds: 3 })).toContain('openSeconds')
  })
})

describe('a policy for the technician’s check', () => {
  const bus = { ...GOOD, scene: 'bus' }

  it('may leave out what only its scene asks, and a policy to decide by may not', () => {
    expect(parsePolicyForCheck(bus, catalogue)).toMatchObject({ scene: 'bus', families: GOOD['families'] })
    expect(() => parsePolicy(bus, catalogue)).toThrow(expect.objectContaining({ code: 'policy-invalid' }))
  })

  it('is still held to what is given', () => {
    expect(parsePolicyForCheck({ ...bus, intervalSeconds: 60 }, catalogue).sceneOptions).toMatchObject({
      intervalSeconds: 60,
    })
    for (const wrong of [{ intervalSeconds: -1 }, { fare: { kind: 'free' } }, { operators: 'x' }])
      expect(() => parsePolicyForCheck({ ...bus, ...wrong }, catalogue)).toThrow(
        expect.objectContaining({ code: 'policy-invalid' }),
      )
  })
})

describe('the outcomes of a policy', () => {
  it('never admit', () => {
    for (const id of catalogue.reasons.keys()) refusalMessage({ ...GOOD, outcomes: { [id]: 'admit' } })
  })

  it('soften the reasons of rows 17 to 22, and no other', () => {
    const taken = [...catalogue.reasons.values()].filter(({ id }) => {
      try {
        return parsePolicy({ ...GOOD, outcomes: { [id]: 'refer' } }, catalogue).outcomes[id] === 'refer'
      } catch (error) {
        expect(error).toMatchObject({ code: 'policy-invalid' })
        return false
      }
    })
    const declared = [...catalogue.reasons.values()].filter(isSoftenable)
    expect(taken).toEqual(declared)
    expect(declared.filter(({ row }) => row < 22).map(({ id }) => id)).toEqual([
      'family-not-accepted',
      'kind-not-accepted',
      'paper-not-accepted',
      'revoked',
      'status-stale',
      'colour-red',
      'colour-yellow',
      'colour-unknown',
      'nat-missing',
      'nat-positive',
      'nat-expired',
      'trust-stale',
      'clock-untrusted',
      'storage-full',
      'lockdown',
      'card-unauthenticated',
      'ask-online',
    ])
  })

  it('name reasons that exist', () => {
    expect(refusalMessage({ ...GOOD, outcomes: { 'color-yellow': 'refer' } })).toContain('rows 17 to 22')
  })

  it('send the showing to a person and leave the replay mark, since that counts as a showing too', () => {
    const shown = world()
    shown.status = 3
    shown.policy['outcomes'] = { 'colour-yellow': 'refer' }
    const decision = judge(shown)
    expect(decision).toMatchObject({ outcome: 'refer', reason: 'colour-yellow', effects: [] })
    expect(decision.marks).toHaveLength(1)
  })
})
