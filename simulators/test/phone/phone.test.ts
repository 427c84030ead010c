import { catalogue, compileTrust, parsePolicy, parseTrustFile, recognise, verify } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { HALL_POLICY } from '../../src/home/hall-policy.ts'
import { Phone } from '../../src/phone/phone.ts'
import { ROTATION_SECONDS } from '../../src/phone/rotating-screen.ts'
import { NOW, testCity } from '../fixtures/test-city.ts'

const city = testCity()
const trust = compileTrust(parseTrustFile({ version: 1, ...city.publish(NOW) }))
const policy = parsePolicy(HALL_POLICY, catalogue)
const resident = city.resident(0)

function checked(bytes: Uint8Array, now: number) {
  const recognition = recognise({ bytes }, catalogue.families)
  if (!recognition.ok) expect.fail(recognition.detail)
  const verification = verify(recognition.claimed, { trust, policy, now, site: 'hall', challenge: null })
  if (!verification.ok) expect.fail(verification.reason)
  return verification.presentation
}

describe('a phone', () => {
  it('shows one code for thirty seconds, then another', () => {
    const phone = new Phone({ city, resident })
    const first = phone.show(NOW)
    expect(phone.show(NOW + ROTATION_SECONDS - 1)).toEqual(first)
    const second = phone.show(NOW + ROTATION_SECONDS)
    expect(second.text).not.toBe(first.text)
    expect([second.shownAt, second.rotatesAt]).toEqual([NOW + 30, NOW + 60])
  })

  it('keeps its credential while it rotates', () => {
    const phone = new Phone({ city, resident })
    const first = checked(phone.show(NOW).bytes, NOW)
    const second = checked(phone.show(NOW + 30).bytes, NOW + 30)
    expect(second.credentialId).toEqual(first.credentialId)
    expect([first.shownAt, second.shownAt]).toEqual([NOW, NOW + 30])
  })

  it('fetches a new credential well before the old one ends', () => {
    const phone = new Phone({ city, resident })
    const first = phone.show(NOW)
    const lateShown = first.expiresAt - 1800
    const late = phone.show(lateShown)
    expect(late.expiresAt).toBeGreaterThan(first.expiresAt)
    expect(checked(late.bytes, lateShown).credentialId).not.toEqual(checked(first.bytes, NOW).credentialId)
  })

  it('shows a fresh code when its clock was set back', () => {
    const phone = new Phone({ city, resident })
    phone.show(NOW + 1000)
    expect(phone.show(NOW).shownAt).toBe(NOW)
  })

  it('names site and challenge in the proof when asked to', () => {
    const challenge = new Uint8Array(16).fill(7)
    const bound = new Phone({ city, resident, site: 'hall', challenge })
    expect(checked(bound.show(NOW).bytes, NOW)).toMatchObject({ site: 'hall', challenge })
    expect(checked(new Phone({ city, resident }).show(NOW).bytes, NOW)).toMatchObject({ site: null, challenge: null })
  })
})
