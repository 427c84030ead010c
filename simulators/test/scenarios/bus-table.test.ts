import {
  type BusPosition,
  catalogue,
  compileTrust,
  decide,
  decodeRide,
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
import { BUS_LINES, type BusLineName } from '../../src/home/bus-lines.ts'
import { busPolicy } from '../../src/home/bus-policy.ts'
import type { BusAct, BusScenario, ExpectedRide } from '../../src/scenarios/bus-scenario.ts'
import { busStageMaker } from '../../src/scenarios/bus-stage.ts'
import { BUS_SCENARIOS, BUS_STARTS } from '../../src/scenarios/bus-table.ts'
import { Interchange } from '../../src/scenarios/interchange.ts'
import { shareOfShowings } from '../../src/scenarios/once-run.ts'
import { NOW, testCity } from '../fixtures/test-city.ts'
import { testRides } from '../fixtures/test-rides.ts'

const city = testCity(5000)
const rides = testRides(5000)
const codes = city.publish(NOW - 60)
const cards = rides.publish()
const trust = compileTrust(
  parseTrustFile({ version: 1, ...codes, ...cards, denied: [...codes.denied, ...cards.denied] }),
)
const policy = parsePolicy(busPolicy([{ day: 20_231_115, key: '22'.repeat(32) }]), catalogue)
const scene = catalogue.scenes.find(({ name }) => name === 'bus') ?? null
const draw = new SeededDraw(new Uint8Array(32), 'test')
const stageAt = busStageMaker({ city, rides, site: 'bus-8', draw, interchange: new Interchange() })

type ShowAct = Extract<BusAct, { kind: 'show' }>

function showings(scenario: BusScenario, fullFareFen = 200): ShowAct[] {
  return scenario.acts(stageAt(NOW, fullFareFen)).filter(act => act.kind === 'show')
}

/** A bus's checks with its memory of what was accepted, which no night takes away. */
function makeBus(position: BusPosition) {
  const marks = new Map<string, number>()
  let keyPressedAtMs: number | null = null
  const judge = (code: Uint8Array) => {
    const recognition = recognise({ bytes: code }, catalogue.families)
    if (!recognition.ok) return refusal(recognition.reason, catalogue.reasons)
    const verification = verify(recognition.claimed, { trust, policy, now: NOW, site: 'bus-8', challenge: null })
    if (!verification.ok) return refusal(verification.reason, catalogue.reasons)
    return decide(verification.presentation, {
      trust,
      policy,
      reasons: catalogue.reasons,
      scene,
      state: HEALTHY,
      now: NOW,
      situation: { position, keyPressedAtMs },
      markedUntil: tag => marks.get(toHex(tag)) ?? null,
    })
  }
  const show = (code: Uint8Array): ExpectedRide => {
    const { outcome, reason, marks: left, sceneMap } = judge(code)
    for (const { tag, until } of left) marks.set(toHex(tag), until)
    const ride = decodeRide(sceneMap ?? undefined)
    return { outcome, reason, fareFen: ride.ok ? ride.value.chargedFen : null }
  }
  return {
    show,
    pressKey: () => {
      keyPressedAtMs = NOW * 1000
    },
  }
}

function play(scenario: BusScenario, position: BusPosition, fullFareFen: number): void {
  const bus = makeBus(position)
  for (const act of scenario.acts(stageAt(NOW, fullFareFen))) {
    if (act.kind === 'driver-key') bus.pressKey()
    if (act.kind === 'show') expect(bus.show(act.code)).toEqual(act.expected)
  }
}

function placesOf(line: BusLineName): [BusPosition, number][] {
  return (['up', 'down'] as const).flatMap(direction =>
    BUS_LINES[line].fenFromStop.map((fen, place): [BusPosition, number] => [
      { line, run: `${line}-01`, direction, stop: place + 1 },
      fen,
    ]),
  )
}

describe('every kind of passenger', () => {
  it.each(BUS_SCENARIOS.map(scenario => [scenario.id, scenario] as const))(
    '%s ends as the table says, at the fare it says',
    (_, scenario) => {
      for (const line of ['8', '9'] as const) {
        const [[position, fen] = expect.fail('a line without stops')] = placesOf(line)
        play(scenario, position, fen)
      }
    },
  )

  it('pays from each stop of each line what the list by hand says', () => {
    const student = BUS_SCENARIOS.find(({ id }) => id === 'student') ?? expect.fail('no student')
    for (const line of ['8', '9'] as const) {
      expect(BUS_LINES[line].fenFromStop).toHaveLength(BUS_LINES[line].stops - 1)
      for (const [position, fen] of placesOf(line)) play(student, position, fen)
    }
  })

  it('fits a camera’s picture and a scanner’s line', () => {
    for (const scenario of BUS_SCENARIOS)
      for (const { code } of showings(scenario)) expect(code.length).toBeLessThan(800)
  })

  it('has a name of its own and a text in both languages', () => {
    expect(new Set(BUS_SCENARIOS.map(({ id }) => id)).size).toBe(BUS_SCENARIOS.length)
    for (const { zh, en } of BUS_SCENARIOS) {
      expect(zh).toMatch(/[\u4e00-\u9fff]/)
      expect(en).toMatch(/^[\x20-\x7e’]+$/)
    }
  })

  it('covers each outcome, each fare class and most reasons a bus can give', () => {
    const expected = BUS_SCENARIOS.flatMap(scenario => showings(scenario)).map(act => act.expected)
    expect(new Set(expected.map(({ outcome }) => outcome))).toEqual(new Set(OUTCOMES))
    expect(new Set(expected.map(({ fareFen }) => fareFen))).toEqual(new Set([null, 0, 100, 200]))
    const reasons = new Set(expected.map(({ reason }) => reason))
    expect(reasons.size).toBeGreaterThanOrEqual(18)
    for (const own of ['ride-repeated', 'fare-limit', 'account-not-accepted', 'replayed'])
      expect(reasons).toContain(own)
  })

  it('is mostly people who ride, in everyday life', () => {
    const total = BUS_SCENARIOS.reduce((sum, { everyday }) => sum + everyday, 0)
    const riding = BUS_SCENARIOS.filter(one => showings(one).every(({ expected }) => expected.outcome === 'admit'))
    const share = riding.reduce((sum, { everyday }) => sum + everyday, 0) / total
    expect(share).toBeGreaterThan(0.8)
    expect(share).toBeLessThan(0.95)
  })

  it('never shows four unrecognised codes in a row, wherever a bus starts', () => {
    const reasons = [...BUS_SCENARIOS, ...BUS_SCENARIOS].flatMap(one => showings(one)).map(act => act.expected.reason)
    expect(reasons).toContain('unrecognised')
    expect(reasons.join(' ')).not.toMatch(/(unrecognised ?){2}/)
  })
})

describe('a run of two hundred showings', () => {
  it('is long enough for every kind of passenger on each bus', () => {
    const each = BUS_SCENARIOS.flatMap(scenario => showings(scenario)).length
    for (const count of shareOfShowings(200, { doors: 2, buses: 2 }).slice(2))
      expect(count).toBeGreaterThanOrEqual(each)
  })

  it('starts one bus in a tunnel and the other before a night', () => {
    expect(BUS_STARTS.map(place => BUS_SCENARIOS[place]?.id)).toEqual(['tunnel', 'night'])
  })
})
