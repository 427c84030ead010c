import { catalogue, type Policy, type Presentation, parsePolicy, type SceneContext, toHex } from '@ankang/protocol'
import { expect } from 'vitest'

/* A bus, a policy and passengers for tests of decisions: no codes, no signatures. */

/** Noon of 29 May 2026 in China. */
export const NOON = 1_780_027_200

export const DAY_KEY = '11'.repeat(32)

export const BUS_POLICY = {
  scene: 'bus',
  families: ['ak1', 'jtt1179'],
  kinds: ['person', 'companion'],
  colours: ['green'],
  paper: true,
  proofWindowSeconds: 60,
  futureSkewSeconds: 20,
  replaySeconds: 300,
  operator: 'county-bus',
  fare: { kind: 'flat', fen: 200 },
  concessions: [
    { name: 'student', zh: '学生', en: 'student', percent: 50, accountTypes: ['student'] },
    { name: 'senior', zh: '老年人', en: 'senior', percent: 0, accountTypes: ['senior'] },
    { name: 'companion', zh: '随行', en: 'companion', percent: 50, kinds: ['companion'] },
    { name: 'plan', zh: '月票', en: 'ride plan', percent: 0, rights: ['ride-plan'] },
  ],
  intervalSeconds: 120,
  transfer: { withinSeconds: 3600, offFen: 100 },
  dayKeys: [{ day: 20_260_529, key: DAY_KEY }],
} as const

export function busPolicy(changes: Readonly<Record<string, unknown>> = {}): Policy {
  return parsePolicy({ ...BUS_POLICY, ...changes }, catalogue)
}

export const bus = catalogue.scenes.find(({ name }) => name === 'bus') ?? expect.fail('the bus is not in this build')

export function passenger(changes: Partial<Presentation> = {}): Presentation {
  return {
    family: 'jtt1179',
    issuer: '02002900',
    issuerKid: null,
    kind: 'person',
    credentialId: new Uint8Array(10).fill(1),
    carrier: 'phone',
    shownAt: NOON,
    expiresAt: NOON + 86_400,
    site: null,
    challenge: null,
    subject: null,
    maskedName: null,
    entitlements: [],
    account: { type: 'ordinary', singleRideLimitFen: 1000 },
    health: null,
    ...changes,
  }
}

export const POSITION = { line: '8', run: '8-0715', direction: 'up', stop: 3 } as const

/** The memory of one bus: marks that decisions leave. */
export function busMemory() {
  const marks = new Map<string, number>()
  return {
    marks,
    markedUntil: (tag: Uint8Array) => marks.get(toHex(tag)) ?? null,
    decide: (presentation: Presentation, changes: Partial<SceneContext> = {}) => {
      const decision = bus.decide(presentation, {
        policy: busPolicy(),
        now: NOON,
        situation: { position: POSITION, keyPressedAtMs: null },
        markedUntil: tag => marks.get(toHex(tag)) ?? null,
        ...changes,
      })
      for (const { tag, until } of decision.marks ?? []) marks.set(toHex(tag), until)
      return decision
    },
  }
}
