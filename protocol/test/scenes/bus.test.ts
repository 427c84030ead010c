import {
  decodeRide,
  encodeRide,
  fromHex,
  type Presentation,
  type Ride,
  rideTag,
  type SceneContext,
  utf8,
} from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bus, busMemory, busPolicy, DAY_KEY, NOON, POSITION, passenger } from './bus-world.ts'

function rideOf(presentation: Presentation, changes: Partial<SceneContext> = {}): Ride {
  const decision = busMemory().decide(presentation, changes)
  expect(decision.reason).toBe('ok')
  const ride = decodeRide(decision.sceneMap)
  return ride.ok ? ride.value : expect.fail(ride.detail)
}

const withType = (type: NonNullable<Presentation['account']>['type'], singleRideLimitFen = 1000) =>
  passenger({ account: { type, singleRideLimitFen } })
const countyCode = (changes: Partial<Presentation> = {}) =>
  passenger({ family: 'ak1', issuer: '341523', account: null, ...changes })

describe('the fare', () => {
  it('is the flat one, for whom no concession fits', () => {
    const expected = { chargedFen: 200, fullFareFen: 200, fareClass: 'ordinary', operator: 'county-bus' }
    expect(rideOf(passenger())).toMatchObject(expected)
    expect(rideOf(withType('other'))).toMatchObject(expected)
    expect(rideOf(countyCode())).toMatchObject(expected)
  })

  it('is reduced by account type: half for students, nothing for seniors', () => {
    expect(rideOf(withType('student'))).toMatchObject({ chargedFen: 100, fullFareFen: 200, fareClass: 'student' })
    expect(rideOf(withType('senior'))).toMatchObject({ chargedFen: 0, fullFareFen: 200, fareClass: 'senior' })
  })

  it('is reduced by verified kind', () => {
    expect(rideOf(countyCode({ kind: 'companion' }))).toMatchObject({ chargedFen: 100, fareClass: 'companion' })
  })

  it('is reduced by a right that the issuer signed for this operator and this moment alone', () => {
    const plan = { scope: utf8('county-bus'), right: 'ride-plan', from: NOON - 10, until: NOON + 10 }
    const charged = (entitlement: object) =>
      rideOf(countyCode({ entitlements: [{ ...plan, ...entitlement }] })).chargedFen
    expect(charged({})).toBe(0)
    expect(charged({ scope: utf8('other-bus') })).toBe(200)
    expect(charged({ right: 'event' })).toBe(200)
    expect(charged({ until: NOON })).toBe(200)
    expect(charged({ from: NOON + 1 })).toBe(200)
  })

  it('is the cheapest of several that fit, rounded in the passenger’s favour', () => {
    const concessions = [
      { name: 'some', zh: '甲', en: 'some', percent: 90, accountTypes: ['student'] },
      { name: 'more', zh: '乙', en: 'more', percent: 33, kinds: ['person'] },
    ]
    const policy = busPolicy({ concessions, fare: { kind: 'flat', fen: 199 } })
    expect(rideOf(withType('student'), { policy })).toMatchObject({ chargedFen: 65, fareClass: 'more' })
  })

  it('by zones is for all zones from boarding to the end of the run', () => {
    const fare = { kind: 'zones', zoneOfStop: [1, 1, 2, 2, 3], fenByZones: [200, 300, 400] }
    const policy = busPolicy({ fare })
    const at = (direction: 'up' | 'down', stop: number) =>
      rideOf(passenger(), { policy, situation: { position: { ...POSITION, direction, stop }, keyPressedAtMs: null } })
        .chargedFen
    expect([1, 2, 3, 4, 5].map(stop => at('up', stop))).toEqual([400, 400, 300, 300, 200])
    expect([1, 2, 3, 4, 5].map(stop => at('down', stop))).toEqual([400, 300, 300, 200, 200])
  })

  it('by zones cannot be told without a stop of this line, and then nobody is charged', () => {
    const policy = busPolicy({ fare: { kind: 'zones', zoneOfStop: [1, 2], fenByZones: [200, 300] } })
    const reasonAt = (situation: unknown) => busMemory().decide(passenger(), { policy, situation })
    expect(reasonAt(null)).toEqual({ reason: 'position-unknown', effects: [] })
    const beyond = { position: { ...POSITION, stop: 3 }, keyPressedAtMs: null }
    expect(reasonAt(beyond)).toEqual({ reason: 'position-unknown', effects: [] })
  })

  it('may be a line’s own, and needs no place where it is flat', () => {
    const policy = busPolicy({ lineFares: { '9': { kind: 'flat', fen: 500 } } })
    const on = (line: string) =>
      rideOf(passenger(), { policy, situation: { position: { ...POSITION, line }, keyPressedAtMs: null } }).chargedFen
    expect([on('8'), on('9')]).toEqual([200, 500])
    // Whatever a vehicle calls its line, the fare is the policy's.
    for (const line of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) expect(on(line)).toBe(200)
    expect(rideOf(passenger(), { policy, situation: null })).toMatchObject({ chargedFen: 200, position: null })
  })

  it('over the single-ride limit is refused, and counts what is charged, not what it would be in full', () => {
    const reason = (type: 'ordinary' | 'student', limit: number) => busMemory().decide(withType(type, limit)).reason
    expect([reason('ordinary', 199), reason('ordinary', 200)]).toEqual(['fare-limit', 'ok'])
    expect([reason('student', 99), reason('student', 100)]).toEqual(['fare-limit', 'ok'])
  })

  it('is not taken from a test account, unless the policy takes them', () => {
    expect(busMemory().decide(withType('test')).reason).toBe('account-not-accepted')
    const policy = busPolicy({ accountTypes: ['test'] })
    expect(busMemory().decide(withType('test'), { policy }).reason).toBe('ok')
    expect(busMemory().decide(passenger(), { policy }).reason).toBe('account-not-accepted')
  })

  it('is said in words and by voice, with whose rate it is', () => {
    expect(busMemory().decide(passenger()).notice).toMatchObject({ zh: '票价 2.00 元', voice: 'ride-ordinary' })
    expect(busMemory().decide(withType('student')).notice).toMatchObject({
      zh: '学生 1.00 元',
      en: 'Fare for student: 1.00 yuan',
      voice: 'ride-student',
    })
    expect(busMemory().decide(withType('senior')).notice).toMatchObject({ zh: '老年人 免费', voice: 'ride-senior' })
  })
})

describe('the interval rule', () => {
  it('refuses the same account within the interval, whatever code it shows, and takes it again afterwards', () => {
    const memory = busMemory()
    const again = (after: number) => memory.decide(passenger({ shownAt: NOON + after }), { now: NOON + after }).reason
    expect([again(0), again(5), again(119), again(120)]).toEqual(['ok', 'ride-repeated', 'ride-repeated', 'ok'])
  })

  it('refuses nobody else', () => {
    const memory = busMemory()
    expect(memory.decide(passenger()).reason).toBe('ok')
    const others = [
      passenger({ credentialId: new Uint8Array(10).fill(2) }),
      passenger({ issuer: '31047700' }),
      countyCode({ credentialId: new Uint8Array(10).fill(1) }),
    ]
    for (const other of others) expect(memory.decide(other).reason).toBe('ok')
  })

  it('charges nobody twice when the clock is set back by up to an interval', () => {
    for (const back of [1, 25, 60, 120]) {
      const memory = busMemory()
      expect(memory.decide(passenger()).reason).toBe('ok')
      expect(memory.decide(passenger(), { now: NOON - back }).reason, `${back} s`).toBe('ride-repeated')
    }
  })

  it('locks nobody out who rode while the clock was far ahead', () => {
    const memory = busMemory()
    expect(memory.decide(passenger(), { now: NOON + 86_400 }).reason).toBe('ok')
    expect(memory.decide(passenger(), { now: NOON }).reason).toBe('ok')
    expect(memory.decide(passenger(), { now: NOON + 5 }).reason).toBe('ride-repeated')
  })

  it('holds across the end of the operating day, when the account’s tag changes', () => {
    const dayEnd = NOON + 15 * 3600
    const memory = busMemory()
    expect(memory.decide(passenger(), { now: dayEnd - 1 }).reason).toBe('ok')
    expect(memory.decide(passenger(), { now: dayEnd + 5 }).reason).toBe('ride-repeated')
    expect(memory.decide(passenger(), { now: dayEnd + 200 }).reason).toBe('ok')
  })

  it('is lifted once by the driver’s key, for a few seconds, and says so in the record', () => {
    const memory = busMemory()
    const shown = (after: number, pressedAfter: number | null) => {
      const keyPressedAtMs = pressedAfter === null ? null : (NOON + pressedAfter) * 1000 + 250
      const situation = { position: POSITION, keyPressedAtMs }
      return memory.decide(passenger(), { now: NOON + after, situation, policy: busPolicy({ keySeconds: 15 }) })
    }
    expect(shown(0, null).reason).toBe('ok')
    expect(shown(30, 10).reason).toBe('ride-repeated')
    const companion = shown(31, 30)
    expect(companion.reason).toBe('ok')
    expect(decodeRide(companion.sceneMap)).toMatchObject({ ok: true, value: { byDriverKey: true, chargedFen: 200 } })
    expect(shown(32, 30).reason).toBe('ride-repeated')
    expect(shown(33, 33).reason).toBe('ok')
    expect(shown(34, 40).reason).toBe('ride-repeated')
  })

  it('does not use up the key for somebody who needs none', () => {
    const memory = busMemory()
    const situation = { position: POSITION, keyPressedAtMs: NOON * 1000 }
    const first = memory.decide(passenger(), { situation })
    expect(decodeRide(first.sceneMap)).toMatchObject({ value: { byDriverKey: false } })
    expect(memory.decide(passenger(), { situation }).reason).toBe('ok')
  })
})

describe('a code shown again', () => {
  it('is said to be paid already where it is, and else to be used, since nothing was paid', () => {
    const { saidAs } = bus
    const memory = busMemory()
    const around = {
      policy: busPolicy(),
      now: NOON,
      situation: null,
      markedUntil: memory.markedUntil,
    }
    expect(saidAs?.('replayed', passenger(), around)).toBe('replayed')
    memory.decide(passenger())
    expect(saidAs?.('replayed', passenger(), around)).toBe('ride-repeated')
    expect(saidAs?.('colour-red', passenger(), around)).toBe('colour-red')
  })
})

describe('the ride’s record', () => {
  it('says where, what and when, and names nobody', () => {
    const ride = rideOf(passenger())
    expect(ride).toMatchObject({ position: POSITION, day: 20_260_529, transfer: { withinSeconds: 3600, offFen: 100 } })
    expect(ride.tag).toEqual(rideTag(fromHex(DAY_KEY), passenger()))
  })

  it('tags one account alike within a day, and unlike on another', () => {
    const tagAt = (now: number) => Buffer.from(rideOf(passenger(), { now }).tag).toString('hex')
    const dayEnd = NOON + 15 * 3600 // three in the morning
    expect(tagAt(NOON)).toBe(tagAt(dayEnd - 1))
    expect(tagAt(NOON)).not.toBe(tagAt(dayEnd))
    expect(rideOf(passenger(), { now: dayEnd }).day).toBe(20_260_530)
  })

  it('goes on with keys of its own making when the listed ones have run out, the same on every bus', () => {
    const dayKeys = [
      { day: 20_260_520, key: '22'.repeat(32) },
      { day: 20_260_525, key: DAY_KEY },
    ]
    const later = { policy: busPolicy({ dayKeys }) }
    const other = { policy: busPolicy({ dayKeys: dayKeys.toReversed() }) }
    const before = { now: NOON - 30 * 86_400 }
    expect(rideOf(passenger(), { ...later, ...before }).tag).toEqual(rideOf(passenger(), { ...other, ...before }).tag)
    expect(rideOf(passenger(), later).tag).toEqual(rideOf(passenger(), other).tag)
    expect(rideOf(passenger(), later).tag).not.toEqual(rideTag(fromHex(DAY_KEY), passenger()))
  })

  it('offers no more off for a transfer than was charged', () => {
    expect(rideOf(withType('senior')).transfer?.offFen).toBe(0)
    expect(rideOf(passenger(), { policy: busPolicy({ transfer: null }) }).transfer).toBeNull()
  })
})

const STUDENT = { name: 'student', zh: '学生', en: 'student', percent: 50, accountTypes: ['student'] }

describe('a bus policy', () => {
  const wrong: readonly (readonly [string, Record<string, unknown>])[] = [
    ['a fare in fractions of a fen', { fare: { kind: 'flat', fen: 1.5 } }],
    ['a negative fare', { fare: { kind: 'flat', fen: -1 } }],
    ['zones that jump', { fare: { kind: 'zones', zoneOfStop: [1, 3], fenByZones: [1, 2, 3] } }],
    ['zones without a fare', { fare: { kind: 'zones', zoneOfStop: [1, 2, 3], fenByZones: [200, 300] } }],
    ['a concession for everybody', { concessions: [{ name: 'all', zh: '甲', en: 'all', percent: 0 }] }],
    ['no day keys', { dayKeys: [] }],
    ['two keys of one day', { dayKeys: [1, 2].map(() => ({ day: 20_260_529, key: DAY_KEY })) }],
    ['a day of no calendar', { dayKeys: [{ day: 20_260_230, key: DAY_KEY }] }],
    ['a transfer worth a fortune', { transfer: { withinSeconds: 1, offFen: 1e15 } }],
    ['a line of another form', { lineFares: { '8 路': { kind: 'flat', fen: 1 } } }],
    ['a concession called ordinary', { concessions: [{ ...STUDENT, name: 'ordinary' }] }],
    ['a concession said as a repetition', { concessions: [{ ...STUDENT, name: 'repeated' }] }],
    ['a short day key', { dayKeys: [{ day: 20_260_529, key: '11' }] }],
    ['an unknown key', { fares: 1 }],
    ['no interval', { intervalSeconds: undefined }],
  ]
  for (const [what, change] of wrong) {
    it(`with ${what} is refused`, () => {
      expect(() => busPolicy(change)).toThrow(expect.objectContaining({ code: 'policy-invalid' }))
    })
  }

  it('keeps its secrets out of what it says of a mistake', () => {
    const secret = 'deadbeef'.repeat(9)
    try {
      busPolicy({ dayKeys: [{ day: 20_260_529, key: secret }] })
      expect.fail('it was taken')
    } catch (error) {
      expect(String(error)).not.toContain('deadbeef')
    }
  })
})

describe('the code and decode of a ride', () => {
  it('are each other’s inverse', () => {
    const uint = fc.nat({ max: 1_000_000 })
    const ride = fc.record({
      tag: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      chargedFen: uint,
      fullFareFen: uint,
      operator: fc.string(),
      position: fc.option(
        fc.record({
          line: fc.string(),
          run: fc.string(),
          direction: fc.constantFrom('up' as const, 'down' as const),
          stop: uint,
        }),
      ),
      fareClass: fc.string(),
      transfer: fc.option(fc.record({ withinSeconds: uint, offFen: uint })),
      day: uint,
      byDriverKey: fc.boolean(),
    })
    fc.assert(
      fc.property(ride, one => {
        expect(decodeRide(encodeRide(one))).toEqual({ ok: true, value: one })
      }),
    )
  })

  it('refuse what is no ride', () => {
    for (const map of [null, 1, new Map(), new Map([[2, new Uint8Array(8)]])])
      expect(decodeRide(map)).toMatchObject({ ok: false })
    expect(decodeRide(undefined).ok).toBe(false)
  })
})
