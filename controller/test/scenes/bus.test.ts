import { encodeRide, type Ride } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { scenes } from '../../src/index.ts'
import { bus } from '../../src/scenes/bus.ts'
import { dayEntryOf } from '../../src/scenes/day-entry.ts'
import { aRide, DAY, rideBody } from '../fixtures/bus-rides.ts'
import { START_MS, showingBody } from '../fixtures/signing-device.ts'

const describeRide = (change: Partial<Ride> = {}) => bus.describe(encodeRide(aRide(change)))
const position = { line: '8', run: '8-07', direction: 'down', stop: 12 } as const

describe('a ride in words', () => {
  it('says where it began, whose fare it was and what it cost', () => {
    expect(describeRide({ fareClass: 'student', chargedFen: 100 })).toEqual({
      zh: '8路 上行 第3站 · 学生 1.00元',
      en: 'line 8 up, stop 3 · student ¥1.00',
    })
    expect(describeRide({ position, chargedFen: 5, fareClass: 'veteran' })).toEqual({
      zh: '8路 下行 第12站 · veteran 0.05元',
      en: 'line 8 down, stop 12 · veteran ¥0.05',
    })
  })

  it('says that a ride was free, and that it was a companion’s', () => {
    expect(describeRide({ fareClass: 'senior', chargedFen: 0 })?.zh).toBe('8路 上行 第3站 · 老年 免费')
    expect(describeRide({ byDriverKey: true })).toEqual({
      zh: '8路 上行 第3站 · 普通 2.00元 · 同行人',
      en: 'line 8 up, stop 3 · ordinary ¥2.00 · companion',
    })
  })

  it('says so when the bus did not know its line', () => {
    expect(describeRide({ position: null })).toEqual({
      zh: '线路未知 · 普通 2.00元',
      en: 'line unknown · ordinary ¥2.00',
    })
  })

  it.each([
    ['a name as its line', { position: { ...position, line: '张三' } }],
    ['a name as its fare class', { fareClass: '李四' }],
    ['a number of a person as its operator', { operator: '341523 199001011234' }],
  ])('repeats nothing of a ride with %s', (_what, change) => {
    expect(describeRide(change)).toBeNull()
  })

  it('takes a long number for no line', () => {
    expect(describeRide({ position: { ...position, line: '13812345678' } })?.zh).toBe('线路未知 · 普通 2.00元')
  })
})

describe('the day of a ride', () => {
  const entryOf = (ride: Partial<Ride>, change = {}) => dayEntryOf(scenes, showingBody(1, rideBody(ride, change)))

  it('is the operating day in the record, whatever its time says', () => {
    expect(entryOf({})).toEqual({ scene: 'bus', day: DAY, timeMs: START_MS + 1000 })
    expect(entryOf({ day: 20_260_228 })).toMatchObject({ day: 20_260_228 })
  })

  it('is none for a refused showing, a hall door, or another type', () => {
    expect(entryOf({}, { outcome: 'deny', reason: 'expired' })).toBeNull()
    expect(entryOf({}, { type: 'session' })).toBeNull()
    expect(dayEntryOf(scenes, showingBody(1))).toBeNull()
  })

  it.each([
    ['a thirteenth month', { day: 20_261_301 }],
    ['a 30th of February', { day: 20_260_230 }],
    ['a charge above the full fare', { chargedFen: 300 }],
    ['a fare no code may pay', { fullFareFen: 0x1_00_0000 }],
    ['an operator of another form', { operator: 'Jinzhai Bus' }],
  ])('is 0 for a ride with %s', (_what, change) => {
    expect(entryOf(change)).toMatchObject({ scene: 'bus', day: 0 })
  })

  it('is 0 for a ride without a map, and for a body nobody can read', () => {
    const { sceneMap: _none, ...rest } = showingBody(1, rideBody())
    expect(dayEntryOf(scenes, rest)).toMatchObject({ scene: 'bus', day: 0 })
    expect(dayEntryOf(scenes, null)).toEqual({ scene: '', day: 0, timeMs: 0 })
  })
})
