import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COMMON_PASSWORDS } from '../../src/people/common-passwords.ts'
import { makeOneTimePassword, readOneTimePassword } from '../../src/people/one-time-password.ts'
import { PasswordHashing } from '../../src/people/password-hashing.ts'
import { passwordFault } from '../../src/people/password-rules.ts'
import { PEOPLE_LIMITS } from '../../src/people/people-limits.ts'

const CHEAP = { memoryKibibytes: 8, passes: 1 }

describe('the rules of passwords', () => {
  it('take a sentence without capitals, digits or signs, in any script', () => {
    for (const password of [
      'vier birnen im regen',
      '三只白鹅在桥下等着下雨天',
      'kxwpdhqzvtmn',
      'horse😀battery😀staple',
    ])
      expect(passwordFault(password, 'admin'), password).toBeNull()
  })

  it('want twelve signs, counted as people count them', () => {
    expect(passwordFault('vier birnen', 'admin')).toBe('password-too-short')
    expect(passwordFault('😀😃😄😁😆😅', 'admin')).toBe('password-too-short')
    expect(passwordFault('x'.repeat(PEOPLE_LIMITS.passwordMaxChars + 1), 'admin')).toBe('password-too-long')
  })

  it.each([
    ['Li-Wei und die Birnen', 'contains the name'],
    ['aaaaaaaaaaaa', 'one sign'],
    ['abababababab', 'two signs'],
    ['123456789012', 'digits in a row'],
    ['210987654321', 'digits backwards'],
    ['abcdefghijklm', 'letters in a row'],
    ['passwordpassword', 'a common word twice'],
    ['Password-2026!', 'a common word with a year'],
    ['Administrator1', 'a common word with a digit'],
    ['ankang123456', 'the house’s own word'],
    ['管理员管理员管理员管理员', 'a common Chinese word'],
    ['ｐａｓｓｗｏｒｄ２０２６', 'the same in full width'],
    ['Woaini5201314', 'of the leaked lists'],
  ])('refuse %j: %s', password => {
    expect(passwordFault(password, 'li-wei')).toBe('password-weak')
  })

  it('take a common word within a longer sentence', () => {
    expect(passwordFault('secret gardens behind the mill', 'li-wei')).toBeNull()
  })

  it('list nothing that is refused anyway for its length', () => {
    for (const password of COMMON_PASSWORDS) expect(password.length, password).toBeGreaterThanOrEqual(12)
  })
})

describe('a one-time password', () => {
  it('is five groups of four of Crockford’s signs, each as likely as the other', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const counts = new Map<string, number>()
    for (let from = 0; from < 256; from += 16) {
      const made = makeOneTimePassword(length => Uint8Array.from({ length }, (_, n) => all[(from + n) % 256] ?? 0))
      expect(made).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$/)
    }
    for (const byte of all) {
      const sign = makeOneTimePassword(length => new Uint8Array(length).fill(byte)).charAt(0)
      counts.set(sign, (counts.get(sign) ?? 0) + 1)
    }
    expect(new Set(counts.values())).toEqual(new Set([8]))
    expect(counts.size).toBe(32)
  })

  it('is read however it is typed, and nothing else is read as one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), bytes => {
        const made = makeOneTimePassword(() => bytes)
        const typed = made.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
        expect(readOneTimePassword(typed)).toBe(made)
        expect(readOneTimePassword(made)).toBe(made)
        expect(readOneTimePassword(made.slice(1))).toBeNull()
      }),
    )
    expect(readOneTimePassword('vier Birnen im Regen!')).toBeNull()
  })
})

describe('hashing passwords', () => {
  it('is argon2id at no less than OWASP advises, salted', async () => {
    const hashing = new PasswordHashing()
    const [one, other] = await Promise.all([hashing.hash('vier Birnen'), hashing.hash('vier Birnen')])
    const cost = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(one)
    expect(Number(cost?.[1])).toBeGreaterThanOrEqual(19_456)
    expect(Number(cost?.[2])).toBeGreaterThanOrEqual(2)
    expect(one).not.toBe(other)
    expect(await hashing.verify(one, 'vier Birnen')).toBe(true)
    expect(await hashing.verify(one, 'drei Birnen')).toBe(false)
    expect(hashing.isDated(one)).toBe(false)
    expect(new PasswordHashing(CHEAP).isDated(one)).toBe(true)
  })

  it('takes composed and decomposed signs for the same', async () => {
    const hashing = new PasswordHashing(CHEAP)
    expect(
      await hashing.verify(await hashing.hash('größte Äpfel'.normalize('NFC')), 'größte Äpfel'.normalize('NFD')),
    ).toBe(true)
  })

  it('is false for nobody, whatever is typed', async () => {
    const hashing = new PasswordHashing(CHEAP)
    for (const typed of ['', 'nobody', 'vier Birnen']) expect(await hashing.verify(null, typed)).toBe(false)
  })

  it('lets the event loop run on, and works two at once', async () => {
    const hashing = new PasswordHashing({ memoryKibibytes: 4096, passes: 2 })
    let turns = 0
    let over = false
    const count = (): void => {
      turns++
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    const all = Array.from({ length: 12 }, () => hashing.hash('x'))
    expect(hashing.isBusy).toBe(false)
    const more = Array.from({ length: PEOPLE_LIMITS.hashesWaiting }, () => hashing.hash('x'))
    expect(hashing.isBusy).toBe(true)
    await Promise.all([...all, ...more])
    over = true
    expect(turns).toBeGreaterThan(28)
    expect(hashing.isBusy).toBe(false)
  })
})
