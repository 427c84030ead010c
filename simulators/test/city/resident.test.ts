import { sha256, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { isIdNumber } from '../../src/city/id-number.ts'
import { type Resident, residentAt } from '../../src/city/resident.ts'
import { GROUP_SHARES, STANDING_SHARES } from '../../src/city/resident-shares.ts'

const SEED = sha256(utf8('a county'))
const residents = Array.from({ length: 10_000 }, (_, index) => residentAt(SEED, index))

/** Four standard deviations of a share among ten thousand. */
function tolerance(share: number): number {
  return 4 * Math.sqrt((share * (1 - share)) / residents.length)
}

function shareOf(wanted: (resident: Resident) => boolean): number {
  return residents.filter(wanted).length / residents.length
}

describe('a resident', () => {
  it('is the same whenever asked for, and another one under another seed', () => {
    expect(residentAt(SEED, 17)).toEqual(residents[17])
    expect(residentAt(sha256(utf8('another county')), 17)).not.toEqual(residents[17])
  })

  it('has a valid ID number of the place the code comes from', () => {
    for (const { idNumber, issuer } of residents) {
      expect(isIdNumber(idNumber)).toBe(true)
      expect(idNumber.startsWith(issuer)).toBe(true)
    }
  })

  it('is old enough for a paper code when elderly, and young when a companion', () => {
    const yearOfBirth = ({ idNumber }: Resident) => Number(idNumber.slice(6, 10))
    for (const resident of residents) {
      if (resident.group === 'elderly') expect(yearOfBirth(resident)).toBeLessThanOrEqual(1962)
      if (resident.group === 'companion') expect(yearOfBirth(resident)).toBeGreaterThanOrEqual(2006)
    }
  })

  it('shows no name but a masked one, unless it is an enterprise', () => {
    for (const { group, name, maskedName } of residents) {
      if (group === 'enterprise') expect(maskedName).toBe(name)
      else expect(maskedName).toContain('*')
    }
  })
})

describe('the shares of residents', () => {
  it.each(GROUP_SHARES.map(({ value, weight }) => [value, weight / 10_000] as const))(
    'of the group %s are as stated, %d',
    (group, share) => {
      expect(Math.abs(shareOf(resident => resident.group === group) - share)).toBeLessThan(tolerance(share))
    },
  )

  it.each(STANDING_SHARES.map(({ value, weight }) => [value, weight / 10_000] as const))(
    'that stand %s are as stated, %d',
    (standing, share) => {
      expect(Math.abs(shareOf(resident => resident.standing === standing) - share)).toBeLessThan(tolerance(share))
    },
  )

  it('add up to ten thousand', () => {
    for (const table of [GROUP_SHARES, STANDING_SHARES])
      expect([...table].reduce((sum, { weight }) => sum + weight, 0)).toBe(10_000)
  })
})
