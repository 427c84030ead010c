import { describe, expect, it } from 'vitest'
import { bindingDifference, bindingOf, placeOf } from '../../src/people/client.ts'
import { GuessLimits } from '../../src/people/guess-limits.ts'
import { PEOPLE_LIMITS } from '../../src/people/people-limits.ts'
import { START_MS } from '../fixtures/signing-device.ts'

function limits() {
  const clock = { nowMs: START_MS }
  const guesses = new GuessLimits(() => clock.nowMs)
  const passed = (tries: number, place: (n: number) => string, familiar = false) =>
    Array.from({ length: tries }, (_, n) => guesses.spend(place(n), familiar)).filter(waitMs => waitMs === 0).length
  return { clock, guesses, passed }
}

describe('limits on guessing', () => {
  it('let ten tries pass from one place, then one in six seconds', () => {
    const { clock, guesses, passed } = limits()
    expect(passed(50, () => 'a')).toBe(10)
    expect(guesses.spend('a', false)).toBeGreaterThan(0)
    clock.nowMs += 5999
    expect(passed(50, () => 'a')).toBe(1)
    expect(passed(1, () => 'b')).toBe(1)
  })

  it('let twenty tries pass from strange places together, and do not hold up who is known', () => {
    const { clock, passed } = limits()
    expect(passed(500, n => `place-${n}`)).toBe(20)
    expect(passed(5, () => 'home', true)).toBe(5)
    clock.nowMs += 10_000
    expect(passed(500, n => `place-${n}`)).toBe(10)
  })

  it('count a try that was refused against nobody', () => {
    const { clock, guesses, passed } = limits()
    passed(100, () => 'a')
    clock.nowMs += 20_000
    expect(guesses.spend('b', false)).toBe(0)
  })

  it('remember so many places and no more, the latest of them', () => {
    const { clock, guesses, passed } = limits()
    passed(10, () => 'first', true)
    expect(guesses.spend('first', true)).toBeGreaterThan(0)
    for (let n = 0; n < PEOPLE_LIMITS.placesRemembered; n++) guesses.spend(`place-${n}`, true)
    expect(guesses.spend('first', true)).toBe(0)
    clock.nowMs += 1
  })
})

describe('a place', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['no address', 'no address'],
  ])('of %s is %s', (address, place) => {
    expect(placeOf(address)).toBe(place)
  })

  it('and a user agent bind a session, each for itself, under another hash in each session', () => {
    const client = { address: '192.0.2.1', userAgent: 'Firefox' }
    const bound = bindingOf('token', client)
    expect(bound).toHaveLength(32)
    const differs = (change: object) => bindingDifference(bound, bindingOf('token', { ...client, ...change }))
    expect(differs({})).toEqual({ place: false, userAgent: false })
    expect(differs({ address: '192.0.2.2' })).toEqual({ place: true, userAgent: false })
    expect(differs({ userAgent: 'curl' })).toEqual({ place: false, userAgent: true })
    expect(bindingDifference(bound, bindingOf('other', client))).toEqual({ place: true, userAgent: true })
  })
})
