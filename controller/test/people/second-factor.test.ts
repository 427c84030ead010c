import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openPeopleKey, PeopleKey } from '../../src/people/people-key.ts'
import { secondFactorOffer, stepOfCode } from '../../src/people/second-factor.ts'
import { AT_HOME, codeOf, done, errorOf, logInWholly, member, peopleStand } from '../fixtures/people-stand.ts'
import { START_MS } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const STEP_MS = 30_000

describe('codes of authenticators', () => {
  it('are those of RFC 6238, appendix B', () => {
    const secret = Buffer.from('12345678901234567890')
    const vectors = [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ] as const
    for (const [seconds, code] of vectors)
      expect(stepOfCode(secret, code, null, seconds * 1000), code).toBe(Math.floor(seconds / 30))
  })

  it('are taken a step early or late and not two, and never twice', () => {
    const secret = Buffer.alloc(20, 3)
    const { secret: base32 } = secondFactorOffer(secret, 'li')
    const step = Math.floor(START_MS / STEP_MS)
    for (const delta of [-2, -1, 0, 1, 2]) {
      const code = codeOf(base32, START_MS + delta * STEP_MS)
      const taken = Math.abs(delta) <= 1 ? step + delta : null
      expect(stepOfCode(secret, code, null, START_MS), String(delta)).toBe(taken)
      expect(stepOfCode(secret, code, step + delta, START_MS)).toBeNull()
      expect(stepOfCode(secret, code, step + delta + 1, START_MS)).toBeNull()
    }
  })

  it('are six digits and nothing else', () => {
    const secret = Buffer.alloc(20, 3)
    const code = codeOf(secondFactorOffer(secret, 'li').secret, START_MS)
    for (const other of ['', ` ${code}`, code.slice(1), `${code}0`, '１２３４５６', code.replace(/.$/, 'x')])
      expect(stepOfCode(secret, other, null, START_MS), other).toBeNull()
  })

  it('are offered with issuer, name, algorithm and twenty bytes', () => {
    const { uri, secret } = secondFactorOffer(Buffer.alloc(20, 3), 'li.wei')
    const url = new URL(uri)
    expect(decodeURIComponent(url.pathname)).toContain('安康码 Ankang:li.wei')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ algorithm: 'SHA1', digits: '6', period: '30', secret })
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  })
})

describe('the key of second factors', () => {
  it('opens what it sealed, for the same operator only, and nothing that was changed', () => {
    const key = new PeopleKey(Buffer.alloc(32, 1))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(), (secret, at) => {
        const sealed = key.seal(secret, 'li')
        expect(key.open(sealed, 'li')).toEqual(new Uint8Array(secret))
        expect(key.seal(secret, 'li')).not.toEqual(sealed)
        expect(() => key.open(sealed, 'wang')).toThrow(/people\.key/)
        const bent = Uint8Array.from(sealed)
        bent[at % bent.length] = (bent[at % bent.length] ?? 0) ^ 1
        expect(() => key.open(bent, 'li')).toThrow(/operator reset --name li/)
        expect(() => key.open(sealed.subarray(0, at % sealed.length), 'li')).toThrow(/people\.key/)
        expect(() => new PeopleKey(Buffer.alloc(32, 2)).open(sealed, 'li')).toThrow(/people\.key/)
      }),
      { numRuns: 50 },
    )
  })

  it('is made once, for its owner alone, and found again', async () => {
    const file = join(tempFolder(), 'controller', 'people.key')
    const sealed = (await openPeopleKey(file)).seal(Buffer.alloc(20, 5), 'li')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await openPeopleKey(file)).open(sealed, 'li')).toEqual(new Uint8Array(20).fill(5))
  })

  it('is refused when others can read it, or when it is no key', async () => {
    const folder = tempFolder()
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'people.key')
    writeFileSync(file, `${Buffer.alloc(32).toString('base64')}\n`, { mode: 0o644 })
    await expect(openPeopleKey(file)).rejects.toMatchObject({ code: 'key-file-open' })
    const other = join(folder, 'other.key')
    writeFileSync(other, 'AAAA', { mode: 0o600 })
    await expect(openPeopleKey(other)).rejects.toMatchObject({ code: 'people-key-invalid' })
    expect(readFileSync(other, 'utf8')).toBe('AAAA')
  })
})

describe('setting a second factor up', () => {
  it('offers the same secret until it is proven, and holds it sealed', async () => {
    const { people, operators, store, clock } = peopleStand()
    const { oneTimePassword } = done(await operators.create('li', 'operator', 'local:test'))
    const begun = done(await people.logIn({ name: 'li', password: oneTimePassword }, AT_HOME))
    expect(errorOf(people.offerSecondFactor(begun.token, AT_HOME))).toBe('wrong-stage')
    const { token } = done(await people.changePassword(begun.token, AT_HOME, { newPassword: 'vier Birnen im Regen' }))
    const offer = done(people.offerSecondFactor(token, AT_HOME))
    expect(people.offerSecondFactor(token, AT_HOME)).toEqual(offer)
    const row = store.db.prepare<[], { totp_secret: Buffer }>('SELECT totp_secret FROM operators').get()
    expect(row?.totp_secret.length).toBe(12 + 20 + 16)
    for (let n = 0; n < 9; n++)
      expect(errorOf(people.proveSecondFactor(token, AT_HOME, codeOf(offer.secret, clock.nowMs + 7_200_000)))).toBe(
        'second-factor-wrong',
      )
    const code = codeOf(offer.secret, clock.nowMs)
    const entered = done(people.proveSecondFactor(token, AT_HOME, code))
    expect(entered.view.stage).toBe('full')
    expect(errorOf(people.offerSecondFactor(entered.token, AT_HOME))).toBe('wrong-stage')
  })

  it('spends the code it was proven with', async () => {
    const stand = peopleStand()
    const li = await member(stand, 'li', 'operator')
    stand.wait(-STEP_MS)
    const begun = done(await stand.people.logIn(li, AT_HOME))
    const shown = codeOf(li.secret, stand.clock.nowMs)
    expect(errorOf(stand.people.proveSecondFactor(begun.token, AT_HOME, shown))).toBe('second-factor-wrong')
  })
})

describe('proving the second factor', () => {
  it('takes a code once, in whatever session', async () => {
    const stand = peopleStand()
    const li = await member(stand, 'li', 'operator')
    const sessions = [
      done(await stand.people.logIn(li, AT_HOME)),
      done(await stand.people.logIn(li, { ...AT_HOME, userAgent: 'other' })),
    ] as const
    const code = codeOf(li.secret, stand.clock.nowMs)
    done(stand.people.proveSecondFactor(sessions[0].token, AT_HOME, code))
    const again = stand.people.proveSecondFactor(sessions[1].token, { ...AT_HOME, userAgent: 'other' }, code)
    expect(errorOf(again)).toBe('second-factor-wrong')
  })

  it('is wanted of everybody, or of all but viewers, as the policy says', async () => {
    const strict = peopleStand()
    expect((await member(strict, 'li', 'viewer')).secret).not.toBe('')
    const mild = peopleStand({ policy: { secondFactor: 'all-but-viewers' } })
    expect((await member(mild, 'li', 'viewer')).secret).toBe('')
    expect((await member(mild, 'wang', 'auditor')).secret).not.toBe('')
  })

  it('is wanted of a viewer who has one, whatever the policy', async () => {
    const strict = peopleStand()
    const li = await member(strict, 'li', 'viewer')
    const mild = peopleStand({ file: strict.file, policy: { secondFactor: 'all-but-viewers' }, clock: strict.clock })
    const begun = done(await mild.people.logIn(li, AT_HOME))
    expect(begun.view.stage).toBe('second-factor')
    expect((await logInWholly(mild, li)).view.stage).toBe('full')
  })

  it('tells a lost key from a wrong code, and leaves the try uncounted', async () => {
    const stand = peopleStand()
    const li = await member(stand, 'li', 'operator')
    const { token } = done(await stand.people.logIn(li, AT_HOME))
    stand.store.db.exec('UPDATE operators SET totp_secret = randomblob(48)')
    for (let n = 0; n < 9; n++)
      expect(() => stand.people.proveSecondFactor(token, AT_HOME, '000000')).toThrow(/people\.key/)
    expect(stand.traces(/locked/)).toEqual([])
  })
})
