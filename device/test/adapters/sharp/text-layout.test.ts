import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balance, widest, widthInEms } from '../../../src/adapters/sharp/text-layout.ts'

describe('the width of a line', () => {
  it('is a square for a Chinese character and the font’s own for the rest', () => {
    expect(widthInEms('安康')).toBe(2)
    expect(widthInEms('')).toBe(0)
    expect(widthInEms('Wi')).toBeCloseTo(0.915 + 0.304)
  })
})

describe('a broken text', () => {
  it.each([
    ['该机构无权签发此类码', ['该机构无权', '签发此类码']],
    ['红码，禁止通行', ['红码', '禁止通行']],
    ['截图或旧码，请刷新', ['截图或旧码', '请刷新']],
    ['请用本人手机实时亮码', ['请用本人手机', '实时亮码']],
    ['Show the live code on your own phone', ['Show the live code', 'on your own phone']],
    ['码', ['码']],
    ['', ['']],
  ])('%s', (text, lines) => {
    expect(balance(text, 2)).toEqual(lines)
  })

  it('keeps everything but spaces and the comma at a break, in order', () => {
    const character = fc.constantFrom('安', '康', '，', '。', 'a', 'b', ' ', ',', '手', '机')
    const bare = (text: string) => text.replace(/[ ，,、]/g, '')
    fc.assert(
      fc.property(fc.array(character, { maxLength: 14 }), fc.integer({ min: 1, max: 3 }), (characters, maxLines) => {
        const text = characters.join('')
        const lines = balance(text, maxLines)
        expect(bare(lines.join(''))).toBe(bare(text))
        expect(lines.length).toBeLessThanOrEqual(maxLines)
        expect(widest(lines)).toBeLessThanOrEqual(widthInEms(text))
      }),
    )
  })

  it('never breaks inside a word', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 7 }), words => {
        const lines = balance(words.join(' '), 3)
        expect(lines.flatMap(line => line.split(' '))).toEqual(words)
      }),
    )
  })
})
