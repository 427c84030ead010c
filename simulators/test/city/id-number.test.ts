import { sha256, utf8 } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawBirthDate, drawIdNumber, idCheckDigit, isIdNumber } from '../../src/city/id-number.ts'
import { SeededDraw } from '../../src/city/seeded-draw.ts'

const idNumbers = fc
  .record({ seed: fc.string(), sex: fc.constantFrom('male' as const, 'female' as const) })
  .map(({ seed, sex }) => {
    const draw = new SeededDraw(sha256(utf8(seed)), 'id')
    return { sex, text: drawIdNumber(draw, '341523', drawBirthDate(draw, 1930, 2020), sex) }
  })

describe('a resident ID number', () => {
  it('has the check digit of the examples in GB 11643', () => {
    expect(idCheckDigit('11010519491231002')).toBe('X')
    expect(idCheckDigit('44052418800101001')).toBe('4')
    expect(isIdNumber('11010519491231002X')).toBe(true)
    expect(isIdNumber('440524188001010014')).toBe(true)
  })

  it('is well formed, of the county, and tells the sex by its sequence', () => {
    fc.assert(
      fc.property(idNumbers, ({ sex, text }) => {
        expect(text).toMatch(/^341523(19|20)\d{9}[\dX]$/)
        expect(isIdNumber(text)).toBe(true)
        expect(Number(text.charAt(16)) % 2).toBe(sex === 'male' ? 1 : 0)
      }),
    )
  })

  it('does not survive one wrong digit', () => {
    fc.assert(
      fc.property(idNumbers, fc.nat(16), fc.integer({ min: 1, max: 9 }), ({ text }, place, step) => {
        const digit = (Number(text.charAt(place)) + step) % 10
        const changed = text.slice(0, place) + digit + text.slice(place + 1)
        expect(isIdNumber(changed)).toBe(false)
      }),
    )
  })

  it('does not survive two neighbours changing places', () => {
    fc.assert(
      fc.property(idNumbers, fc.nat(15), ({ text }, place) => {
        fc.pre(text.charAt(place) !== text.charAt(place + 1))
        const swapped = text.slice(0, place) + text.charAt(place + 1) + text.charAt(place) + text.slice(place + 2)
        expect(isIdNumber(swapped)).toBe(false)
      }),
    )
  })

  it('needs a day that exists', () => {
    const first17 = '34152320230229001'
    expect(isIdNumber(first17 + idCheckDigit(first17))).toBe(false)
    const leapYear = '34152320240229001'
    expect(isIdNumber(leapYear + idCheckDigit(leapYear))).toBe(true)
  })
})
