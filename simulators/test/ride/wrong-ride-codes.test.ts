import { describe, expect, it } from 'vitest'
import { RIDE_ISSUER_NAMES } from '../../src/ride/ride-issuers.ts'
import { WRONG_RIDE_CODES, type WrongRideCode } from '../../src/ride/wrong-ride-codes.ts'
import { checkRide, rideTrust } from '../fixtures/ride-check.ts'
import { NOW } from '../fixtures/test-city.ts'
import { riderOf, testRidePlatform } from '../fixtures/test-ride-platform.ts'

const platform = testRidePlatform()
const trust = rideTrust(platform)

describe('every kind of wrong ride code', () => {
  const kinds: [string, string, WrongRideCode][] = WRONG_RIDE_CODES.map(wrong => [wrong.id, wrong.reason, wrong])

  it.each(kinds)('%s is refused for exactly its reason, %s, in both regimes', (_, reason, { code }) => {
    for (const issuer of RIDE_ISSUER_NAMES)
      expect(checkRide(code(platform, riderOf(platform, issuer), NOW), trust, NOW)).toMatchObject({ ok: false, reason })
  })

  it('has a name of its own and a text in both languages', () => {
    expect(new Set(WRONG_RIDE_CODES.map(({ id }) => id)).size).toBe(WRONG_RIDE_CODES.length)
    for (const { zh, en } of WRONG_RIDE_CODES) {
      expect(zh).toMatch(/[\u4e00-\u9fff]/)
      expect(en).toMatch(/^[\x20-\x7e’]+$/)
    }
  })

  it('covers each reason that a ride code itself can be refused for', () => {
    expect(new Set(WRONG_RIDE_CODES.map(({ reason }) => reason))).toEqual(
      new Set([
        'malformed',
        'unknown-root',
        'issuer-expired',
        'bad-certificate',
        'bad-signature',
        'expired',
        'proof-bad',
        'proof-stale',
        'proof-future',
        'denied-credential',
      ]),
    )
  })
})
