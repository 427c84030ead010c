import {
  catalogue,
  compileTrust,
  type DecideContext,
  decide,
  HEALTHY,
  type Policy,
  type Presentation,
  parsePolicy,
  parseTrustFile,
  replayMarks,
  showingTag,
  toHex,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { judge, NOW, verifyShown, type World, world } from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'

compareBytesAsBytes()

function presentation(change: (shown: World) => void = () => undefined): Presentation {
  const shown = world()
  change(shown)
  const verification = verifyShown(shown)
  return verification.ok ? verification.presentation : expect.fail(verification.reason)
}

const policyWith = (changed: object = {}): Policy => parsePolicy({ ...world().policy, ...changed }, catalogue)

function context(changed: Partial<DecideContext> = {}): DecideContext {
  return {
    trust: compileTrust(parseTrustFile({ version: 1, issuers: [] })),
    policy: policyWith(),
    reasons: catalogue.reasons,
    scene: catalogue.scenes.find(({ name }) => name === 'hall-door') ?? null,
    state: HEALTHY,
    now: NOW,
    situation: null,
    markedUntil: () => null,
    ...changed,
  }
}

const online = (shown: World) => {
  shown.proof = null
  shown.claims = { ...shown.claims, phoneKey: null, expiresAt: NOW + 500 }
}
const paper = (shown: World) => {
  online(shown)
  shown.claims = { ...shown.claims, paper: true, expiresAt: NOW + 86_400 }
}

describe('a decision', () => {
  it('releases the door for as long as the policy says, and only on admission', () => {
    const release = (seconds: number) => [{ kind: 'release', output: 'door', durationMs: seconds * 1000 }]
    expect(decide(presentation(), context())).toMatchObject({ outcome: 'admit', effects: release(3) })
    const longer = context({ policy: policyWith({ openSeconds: 5 }) })
    expect(decide(presentation(), longer).effects).toEqual(release(5))
    const denied = context({ policy: policyWith({ kinds: ['enterprise'] }) })
    expect(decide(presentation(), denied)).toMatchObject({ outcome: 'deny', effects: [], marks: [] })
  })

  it('has no effects without a scene: the technician’s check opens nothing', () => {
    expect(decide(presentation(), context({ scene: null }))).toMatchObject({ outcome: 'admit', effects: [] })
  })

  it('has no colour and skips rows 18 to 20 for a family without one', () => {
    const ride = { ...presentation(), health: null }
    const strict = policyWith({ colours: [], maxStatusAgeSeconds: 0, facts: { nat: { withinHours: 1 } } })
    expect(decide(ride, context({ policy: strict }))).toMatchObject({
      outcome: 'admit',
      colour: null,
      statusAsOf: null,
    })
    expect(decide(presentation(), context({ policy: strict })).reason).toBe('status-stale')
  })

  it('takes a test dated beyond the skew for none', () => {
    const policy = policyWith({ facts: { nat: { withinHours: 48 } } })
    const sampled = (sampledAt: number) =>
      decide(
        presentation(shown => {
          shown.claims = { ...shown.claims, nat: { positive: false, sampledAt } }
        }),
        context({ policy }),
      ).reason
    expect(sampled(NOW + 20)).toBe('ok')
    expect(sampled(NOW + 21)).toBe('nat-missing')
    expect(sampled(NOW - 48 * 3600)).toBe('ok')
    expect(sampled(NOW - 48 * 3600 - 1)).toBe('nat-expired')
  })

  it('refers where the policy refers for old trust or a bad clock, and goes on where it says signature-alone', () => {
    const tired = { ...HEALTHY, trustAge: 'too-old', clock: 'unknown' } as const
    const of = (changed: object) => decide(presentation(), context({ state: tired, policy: policyWith(changed) }))
    expect(of({})).toMatchObject({ outcome: 'admit' })
    expect(of({ onStale: 'deny' })).toMatchObject({ outcome: 'deny', reason: 'trust-stale' })
    expect(of({ onStale: 'refer' })).toMatchObject({ outcome: 'refer', reason: 'trust-stale' })
    expect(of({ onStale: 'signature-alone' })).toMatchObject({ outcome: 'admit' })
    expect(of({ clock: 'refer' })).toMatchObject({ outcome: 'refer', reason: 'clock-untrusted' })
    expect(of({ onStale: 'signature-alone', clock: 'deny' })).toMatchObject({
      outcome: 'deny',
      reason: 'clock-untrusted',
    })
  })

  it('is not shaken by ageing trust or a clock in holdover', () => {
    const state = { trustAge: 'ageing', clock: 'holdover', storageFull: false, lockdown: false } as const
    const policy = policyWith({ onStale: 'deny', clock: 'deny' })
    expect(decide(presentation(), context({ state, policy }))).toMatchObject({ outcome: 'admit' })
  })

  it('never admits with full storage', () => {
    const state = { ...HEALTHY, storageFull: true }
    expect(decide(presentation(), context({ state }))).toMatchObject({ outcome: 'deny', reason: 'storage-full' })
  })
})

describe('a lockdown', () => {
  const locked = { ...HEALTHY, lockdown: true }

  it('lets nobody in and spends no mark: the same code passes after the release', () => {
    expect(decide(presentation(), context({ state: locked }))).toMatchObject({
      outcome: 'deny',
      reason: 'lockdown',
      marks: [],
      effects: [],
    })
    expect(decide(presentation(), context())).toMatchObject({ outcome: 'admit' })
  })

  it('hides no other reason for a refusal, and is softened to an admission by nothing', () => {
    const red = context({ state: locked, policy: policyWith({ kinds: ['enterprise'] }) })
    expect(decide(presentation(), red).reason).toBe('kind-not-accepted')
    expect(() => policyWith({ outcomes: { lockdown: 'admit' } })).toThrow(/outcomes/)
  })
})

describe('a clock that was ahead', () => {
  it('locks no paper out for longer than twice the time that paper is held up', () => {
    const shown = presentation(paper)
    const reasonWith = (until: number) => decide(shown, context({ markedUntil: () => until })).reason
    expect([NOW, NOW + 1, NOW + 300, NOW + 600].map(reasonWith)).toEqual(['ok', 'replayed', 'replayed', 'replayed'])
    expect([NOW + 601, NOW + 30 * 86_400].map(reasonWith)).toEqual(['ok', 'ok'])
  })

  it('makes no showing of a phone new again', () => {
    expect(decide(presentation(), context({ markedUntil: () => NOW + 30 * 86_400 })).reason).toBe('replayed')
  })
})

describe('the replay mark', () => {
  it('asks for the showing by its tag, and refuses what was accepted', () => {
    const shown = presentation()
    const asked: string[] = []
    const markedUntil = (tag: Uint8Array) => {
      asked.push(toHex(tag))
      return Number.POSITIVE_INFINITY
    }
    expect(decide(shown, context({ markedUntil }))).toMatchObject({ reason: 'replayed', marks: [] })
    expect(asked).toEqual([toHex(showingTag(shown))])
  })

  it('tells showings of one phone apart by their second, and codes without proof by their id alone', () => {
    const tagAt = (shownAt: number) =>
      toHex(
        showingTag(
          presentation(shown => {
            shown.proof = { shownAt, site: null, challenge: null }
          }),
        ),
      )
    expect(tagAt(NOW)).not.toBe(tagAt(NOW - 1))
    expect(tagAt(NOW)).toBe(tagAt(NOW))
    const onlineTag = toHex(showingTag(presentation(online)))
    expect(onlineTag).toHaveLength(16)
    expect(onlineTag).not.toBe(tagAt(NOW))
  })

  it('differs by family, issuer and id', () => {
    const shown = presentation()
    const tags = [
      shown,
      { ...shown, family: 'hc1' },
      { ...shown, issuer: 'other' },
      { ...shown, credentialId: new Uint8Array(12) },
    ].map(one => toHex(showingTag(one)))
    expect(new Set(tags).size).toBe(4)
  })

  it('holds an online code until it expires, paper for the policy’s time, a proof longer than any window', () => {
    const policy = policyWith()
    expect(replayMarks(presentation(online), policy, NOW)[0]?.until).toBe(NOW + 500)
    expect(replayMarks(presentation(paper), policy, NOW)[0]?.until).toBe(NOW + 300)
    const { proofWindowSeconds, futureSkewSeconds } = policy
    expect(replayMarks(presentation(), policy, NOW)[0]?.until).toBeGreaterThan(
      NOW + proofWindowSeconds + futureSkewSeconds,
    )
  })

  it('is left by admission and by referral, not by denial', () => {
    const shown = world()
    expect(judge(shown).marks).toHaveLength(1)
    shown.policy['outcomes'] = { 'colour-red': 'refer' }
    shown.status = 2
    expect(judge(shown)).toMatchObject({ outcome: 'refer' })
    expect(judge(shown).marks).toHaveLength(1)
    shown.policy['outcomes'] = {}
    expect(judge(shown)).toMatchObject({ outcome: 'deny', marks: [] })
  })
})

describe('row 14', () => {
  const CHALLENGE = new Uint8Array(8).fill(4)
  const reason = (change: (shown: World) => void) => {
    const shown = world()
    change(shown)
    return judge(shown).reason
  }

  it('refuses a proof for another site, and for any site where the device knows none', () => {
    const at = (site: string | null) => (shown: World) => {
      shown.proof = { shownAt: NOW, site: 'hall', challenge: null }
      shown.site = site
    }
    expect(reason(at('hall'))).toBe('ok')
    expect(reason(at('bus-7'))).toBe('wrong-site')
    expect(reason(at(null))).toBe('wrong-site')
  })

  it('asks for the very challenge on the display, where the policy asks for one', () => {
    const proved = (challenge: Uint8Array | null, displayed: Uint8Array | null) => (shown: World) => {
      shown.policy['challenge'] = 'required'
      shown.challenge = displayed
      shown.proof = { shownAt: NOW, site: null, challenge }
    }
    expect(reason(proved(CHALLENGE, CHALLENGE))).toBe('ok')
    expect(reason(proved(CHALLENGE, new Uint8Array(8)))).toBe('challenge-wrong')
    expect(reason(proved(CHALLENGE, null))).toBe('challenge-wrong')
    expect(reason(proved(null, CHALLENGE))).toBe('challenge-missing')
    expect(reason(shown => online(shown))).toBe('ok')
  })

  it('ignores a challenge nobody asked for', () => {
    expect(
      reason(shown => {
        shown.proof = { shownAt: NOW, site: null, challenge: CHALLENGE }
      }),
    ).toBe('ok')
  })
})
