import {
  catalogue,
  compileTrust,
  decide,
  HEALTHY,
  OUTCOMES,
  parsePolicy,
  parseTrustFile,
  recognise,
  refusal,
  toHex,
  verify,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { SeededDraw } from '../../src/city/seeded-draw.ts'
import { HALL_POLICY } from '../../src/home/hall-policy.ts'
import type { Showing } from '../../src/scenarios/scenario.ts'
import { SCENARIOS, stageScenario } from '../../src/scenarios/scenario-table.ts'
import { everydayLife, everyKind, stageMaker } from '../../src/scenarios/schedule.ts'
import { NOW, testCity } from '../fixtures/test-city.ts'

const city = testCity(5000)
const trust = compileTrust(parseTrustFile({ version: 1, ...city.publish(NOW - 60) }))
const policy = parsePolicy(HALL_POLICY, catalogue)
const scene = catalogue.scenes.find(({ name }) => name === 'hall-door') ?? null
const stageAt = stageMaker(city, 'hall', new SeededDraw(new Uint8Array(32), 'test'))

/** A door's checks with its memory of what was accepted. */
function makeDoor(): (showing: Showing) => { outcome: string; reason: string } {
  const accepted = new Set<string>()
  return ({ code }) => {
    const recognition = recognise({ bytes: code }, catalogue.families)
    if (!recognition.ok) return refusal(recognition.reason, catalogue.reasons)
    const verification = verify(recognition.claimed, { trust, policy, now: NOW, site: 'hall', challenge: null })
    if (!verification.ok) return refusal(verification.reason, catalogue.reasons)
    const decision = decide(verification.presentation, {
      trust,
      policy,
      reasons: catalogue.reasons,
      scene,
      state: HEALTHY,
      now: NOW,
      situation: null,
      markedUntil: tag => (accepted.has(toHex(tag)) ? NOW + 1 : null),
    })
    for (const { tag } of decision.marks) accepted.add(toHex(tag))
    return decision
  }
}

describe('every kind of presentation', () => {
  it.each(SCENARIOS.map(scenario => [scenario.id, scenario] as const))('%s ends as the table says', (_, scenario) => {
    const door = makeDoor()
    for (const showing of stageScenario(scenario, stageAt(NOW))) {
      const { outcome, reason } = door(showing)
      expect({ outcome, reason }).toEqual(showing.expected)
    }
  })

  it('fits a camera’s picture and a scanner’s line', () => {
    for (const scenario of SCENARIOS)
      for (const { code } of stageScenario(scenario, stageAt(NOW))) expect(code.length).toBeLessThan(800)
  })

  it('has a name of its own and a text in both languages', () => {
    expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length)
    for (const { zh, en } of SCENARIOS) {
      expect(zh).toMatch(/[\u4e00-\u9fff]/)
      expect(en).toMatch(/^[\x20-\x7e’]+$/)
    }
  })

  it('covers each outcome and most reasons a door can give', () => {
    expect(new Set(SCENARIOS.map(({ expected }) => expected.outcome))).toEqual(new Set(OUTCOMES))
    expect(new Set(SCENARIOS.map(({ expected }) => expected.reason)).size).toBeGreaterThanOrEqual(20)
  })
})

describe('the schedule', () => {
  it('shows every scenario once before any comes again, from wherever it starts', () => {
    for (const from of [0, 17, SCENARIOS.length - 1]) {
      const round = everyKind(SCENARIOS, from)
      const ids = SCENARIOS.map(() => round.next().value.id)
      expect(new Set(ids).size).toBe(SCENARIOS.length)
    }
  })

  it('never shows four unrecognised codes in a row', () => {
    const round = everyKind(SCENARIOS, 0)
    const twoRounds = [...SCENARIOS, ...SCENARIOS].map(() => round.next().value.expected.reason)
    expect(twoRounds.filter(reason => reason === 'unrecognised')).toHaveLength(2)
    expect(twoRounds.join(' ')).not.toMatch(/(unrecognised ?){2}/)
  })

  it('is mostly admissions in everyday life', () => {
    const life = everydayLife(SCENARIOS, new SeededDraw(new Uint8Array(32), 'life'))
    const outcomes = Array.from({ length: 1000 }, () => life.next().value.expected.outcome)
    const admitted = outcomes.filter(outcome => outcome === 'admit').length
    expect(admitted).toBeGreaterThan(700)
    expect(admitted).toBeLessThan(950)
  })

  it('brings another person each time until everyone of the kind has come', () => {
    const stage = stageMaker(city, 'hall', new SeededDraw(new Uint8Array(32), 'people'))(NOW)
    const people = Array.from({ length: 30 }, () => stage.person('elderly').index)
    expect(new Set(people).size).toBe(30)
  })
})
