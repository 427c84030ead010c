import { sha256, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { SURNAMES } from '../../src/city/name-tables.ts'
import { drawPersonName, maskName } from '../../src/city/person-name.ts'
import { SeededDraw } from '../../src/city/seeded-draw.ts'

describe('a masked name', () => {
  it.each([
    ['张三', '张*'],
    ['张小三', '张*三'],
    ['欧阳娜', '欧*娜'],
    ['欧阳娜娜', '欧**娜'],
    ['张', '张*'],
  ])('of %s is %s', (name, masked) => {
    expect(maskName(name)).toBe(masked)
  })

  it('does not cut a character outside the basic plane in half', () => {
    expect(maskName('张𠮷三')).toBe('张*三')
    expect(maskName('𠮷三')).toBe('𠮷*')
  })
})

describe('names of residents', () => {
  const draw = new SeededDraw(sha256(utf8('names')), 'test')
  const names = Array.from({ length: 2000 }, () => drawPersonName(draw, 'female'))

  it('are a surname of the table and one or two characters', () => {
    const surnames = SURNAMES.map(({ value }) => value)
    for (const name of names)
      expect(surnames.some(surname => name.startsWith(surname) && [1, 2].includes(name.length - surname.length))).toBe(
        true,
      )
  })

  it('have the frequent surnames often, the compound ones rarely, and not all the same length', () => {
    const share = (wanted: (name: string) => boolean) => names.filter(wanted).length / names.length
    expect(share(name => /^[王李张]/.test(name))).toBeGreaterThan(0.2)
    expect(share(name => /^(欧阳|上官|司马|诸葛|夏侯|皇甫|令狐|尉迟)/.test(name))).toBeLessThan(0.01)
    expect(share(name => name.length === 2)).toBeGreaterThan(0.1)
  })
})
