import { ACCOUNT_TYPES, decodeRideCode, type RideCode, toHex } from '@ankang/protocol'
import { sm2 } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { rideCode } from '../../src/ride/ride-code-making.ts'
import { RIDE_ISSUER_NAMES, RIDE_ISSUERS } from '../../src/ride/ride-issuers.ts'
import { AUTHORISATION_SECONDS, RIDE_CODE_SECONDS } from '../../src/ride/ride-platform.ts'
import { checkRide, rideTrust } from '../fixtures/ride-check.ts'
import { NOW } from '../fixtures/test-city.ts'
import { riderOf, testRidePlatform } from '../fixtures/test-ride-platform.ts'

const platform = testRidePlatform()
const trust = rideTrust(platform)
const everyAccount = RIDE_ISSUER_NAMES.flatMap(issuer => ACCOUNT_TYPES.map(type => [issuer, type] as const))

function decoded(code: Uint8Array): RideCode {
  const result = decodeRideCode(code)
  return result.ok ? result.value : expect.fail(result.detail)
}

describe('the ride platform', () => {
  it.each(everyAccount)('of issuer %s makes codes of a %s account that pass every check', (issuer, type) => {
    const rider = platform.findRider(one => one.issuer === issuer && one.type === type, 0)
    if (rider === null) expect.fail('no such rider')
    const { singleRideLimitFen, cardAccount } = rider
    expect(checkRide(rideCode(platform, rider, NOW), trust, NOW)).toMatchObject({
      ok: true,
      presentation: {
        family: 'jtt1179',
        issuer: RIDE_ISSUERS[issuer].id,
        credentialId: cardAccount,
        account: { type, singleRideLimitFen },
        shownAt: NOW,
        expiresAt: NOW + AUTHORISATION_SECONDS,
      },
    })
  })

  it('issues in the regime of each issuer, under one root', () => {
    for (const issuer of RIDE_ISSUER_NAMES) {
      const { id, version } = RIDE_ISSUERS[issuer]
      const code = decoded(rideCode(platform, riderOf(platform, issuer), NOW))
      expect(code).toMatchObject({ version, issuer: id, validitySeconds: RIDE_CODE_SECONDS })
      expect(code.certificate).toMatchObject({ issuer: id, rootIndex: 1 })
      expect(toHex(code.certificate.bytes)).toBe(toHex(platform.certificate(issuer)))
    }
  })

  it('signs the whole chain as sm-crypto-v2 understands it', () => {
    const { certificate, accountKey, signatures } = decoded(rideCode(platform, riderOf(platform, 'neighbour'), NOW))
    const chain = [
      [platform.keys.root.compressed, signatures.root],
      [certificate.publicKey, signatures.issuer],
      [accountKey, signatures.account],
    ] as const
    for (const [key, { userId, message, signature }] of chain) {
      const options = { hash: true, userId: Buffer.from(userId).toString() }
      expect(sm2.doVerifySignature(message, toHex(signature), toHex(key), options)).toBe(true)
    }
  })

  it('writes what a custom field holds into the code', () => {
    const custom = Uint8Array.from({ length: 32 }, (_, place) => place)
    const code = rideCode(platform, riderOf(platform, 'county'), NOW, { changes: { custom } })
    expect(code).toHaveLength(364)
    expect(code.subarray(198, 230)).toEqual(custom)
    expect(checkRide(code, trust, NOW)).toMatchObject({ ok: true })
  })

  it('finds riders from any place on, going round, and none where there is none', () => {
    const isSoldier = ({ type }: { type: string }) => type === 'soldier'
    const first = platform.findRider(isSoldier, 0)
    const next = platform.findRider(isSoldier, (first?.index ?? 0) + 1)
    expect(next?.index).toBeGreaterThan(first?.index ?? Number.POSITIVE_INFINITY)
    expect(platform.findRider(({ index }) => index === first?.index, (first?.index ?? 0) + 1)).toEqual(first)
    expect(platform.findRider(() => false, 0)).toBeNull()
  })

  it('denies its lost cards by their issuers, and nobody of its population', () => {
    const lost = platform.lostRiders()
    expect(lost).toHaveLength(4)
    expect(platform.publish().denied).toEqual(
      lost.map(({ issuer, cardAccount }) => ({
        family: 'jtt1179',
        issuer: RIDE_ISSUERS[issuer].id,
        id: toHex(cardAccount),
      })),
    )
    for (const { index } of lost) expect(index).toBeGreaterThanOrEqual(platform.population)
  })

  it('gives every account a key of its own, the same whenever asked', () => {
    const keys = Array.from({ length: 50 }, (_, index) => toHex(platform.accountKey(platform.rider(index)).compressed))
    expect(new Set(keys).size).toBe(50)
    expect(toHex(testRidePlatform().accountKey(platform.rider(7)).compressed)).toBe(keys[7])
  })
})
