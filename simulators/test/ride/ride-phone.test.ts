import { toHex } from '@ankang/protocol'
import { describe, expect, it, vi } from 'vitest'
import { ROTATION_SECONDS } from '../../src/phone/rotating-screen.ts'
import { RidePhone } from '../../src/ride/ride-phone.ts'
import { AUTHORISATION_SECONDS } from '../../src/ride/ride-platform.ts'
import { checkRide, rideTrust } from '../fixtures/ride-check.ts'
import { NOW } from '../fixtures/test-city.ts'
import { riderOf, testRidePlatform } from '../fixtures/test-ride-platform.ts'

const platform = testRidePlatform()
const trust = rideTrust(platform)
const rider = riderOf(platform, 'county')
/** Everything before the time of generation, which the platform alone may change. */
const AUTHORISATION = [0, 263] as const

describe('a ride phone', () => {
  it('shows one code for thirty seconds, then another, and both are good', () => {
    const phone = new RidePhone({ platform, rider })
    const first = phone.show(NOW)
    expect(phone.show(NOW + ROTATION_SECONDS - 1)).toBe(first)
    const second = phone.show(NOW + ROTATION_SECONDS)
    expect([second.shownAt, second.rotatesAt]).toEqual([NOW + 30, NOW + 60])
    for (const { bytes, shownAt } of [first, second])
      expect(checkRide(bytes, trust, shownAt)).toMatchObject({ ok: true, presentation: { shownAt } })
  })

  it('asks the platform once a day, an hour before it must, and signs only when each code was made', () => {
    const own = testRidePlatform()
    const authorise = vi.spyOn(own, 'authorise')
    const phone = new RidePhone({ platform: own, rider })
    const shown = [0, 30, 3600, AUTHORISATION_SECONDS - 3600 - ROTATION_SECONDS].map(after => phone.show(NOW + after))
    expect(new Set(shown.map(({ bytes }) => toHex(bytes.subarray(...AUTHORISATION)))).size).toBe(1)
    expect(authorise).toHaveBeenCalledTimes(1)
    const late = phone.show(NOW + AUTHORISATION_SECONDS - 3600)
    expect(late.expiresAt).toBe(late.shownAt + AUTHORISATION_SECONDS)
    expect(authorise).toHaveBeenCalledTimes(2)
  })

  it('shows a fresh code when its clock was set back', () => {
    const phone = new RidePhone({ platform, rider })
    phone.show(NOW + 1000)
    expect(phone.show(NOW).shownAt).toBe(NOW)
  })
})
