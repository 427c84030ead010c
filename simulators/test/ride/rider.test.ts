import { sha256, toHex, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { Weighted } from '../../src/city/seeded-draw.ts'
import { RIDE_ISSUERS } from '../../src/ride/ride-issuers.ts'
import { type Rider, riderAt } from '../../src/ride/rider.ts'
import { ACCOUNT_TYPE_SHARES, RIDE_ISSUER_SHARES, RIDE_LIMIT_SHARES } from '../../src/ride/rider-shares.ts'

const SEED = sha256(utf8('a ride scheme'))
const riders = Array.from({ length: 10_000 }, (_, index) => riderAt(SEED, index))

/** Four standard deviations of a share among ten thousand. */
function tolerance(share: number): number {
  return 4 * Math.sqrt((share * (1 - share)) / riders.length)
}

function shareOf(wanted: (rider: Rider) => boolean): number {
  return riders.filter(wanted).length / riders.length
}

function shares<T>(table: readonly Weighted<T>[]): (readonly [T, number])[] {
  return table.map(({ value, weight }) => [value, weight / 100] as const)
}

describe('a rider', () => {
  it('is the same whenever asked for, and another one under another seed', () => {
    expect(riderAt(SEED, 17)).toEqual(riders[17])
    expect(riderAt(sha256(utf8('another scheme')), 17)).not.toEqual(riders[17])
  })

  it('has a card of its own: twenty decimal digits that say which issuer', () => {
    for (const { cardAccount, issuer } of riders)
      expect(toHex(cardAccount)).toMatch(new RegExp(`^3104${RIDE_ISSUERS[issuer].id.slice(4)}\\d{12}$`))
    expect(new Set(riders.map(({ cardAccount }) => toHex(cardAccount))).size).toBe(riders.length)
  })

  it('pays from an account of sixteen digits', () => {
    for (const { paymentAccount } of riders) expect(Buffer.from(paymentAccount).toString()).toMatch(/^\d{16}$/)
  })
})

describe('the shares of riders', () => {
  it.each(shares(ACCOUNT_TYPE_SHARES))('with a %s account are as stated, %d', (type, share) => {
    expect(Math.abs(shareOf(rider => rider.type === type) - share)).toBeLessThan(tolerance(share))
  })

  it.each(shares(RIDE_ISSUER_SHARES))('of the issuer %s are as stated, %d', (issuer, share) => {
    expect(Math.abs(shareOf(rider => rider.issuer === issuer) - share)).toBeLessThan(tolerance(share))
  })

  it.each(shares(RIDE_LIMIT_SHARES))('who may spend %d fen a ride are as stated, %d', (limitFen, share) => {
    expect(Math.abs(shareOf(rider => rider.singleRideLimitFen === limitFen) - share)).toBeLessThan(tolerance(share))
  })

  it('add up to a hundred', () => {
    for (const table of [ACCOUNT_TYPE_SHARES, RIDE_ISSUER_SHARES, RIDE_LIMIT_SHARES])
      expect([...table].reduce((sum, { weight }) => sum + weight, 0)).toBe(100)
  })
})
