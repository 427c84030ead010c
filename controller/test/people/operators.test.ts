import { describe, expect, it } from 'vitest'
import { PEOPLE_LIMITS } from '../../src/people/people-limits.ts'
import { AT_HOME, done, errorOf, logInWholly, member, peopleStand } from '../fixtures/people-stand.ts'

const DAY_MS = 86_400_000

describe('operators', () => {
  it('begin with one security administrator, made once and by one of several that start at once', async () => {
    const stand = peopleStand()
    const other = peopleStand({ file: stand.file })
    const made = await Promise.all([stand.operators.ensureFirst(), other.operators.ensureFirst()])
    expect(made.filter(one => one !== null)).toHaveLength(1)
    expect(await stand.operators.ensureFirst()).toBeNull()
    expect(stand.operators.list()).toMatchObject([
      { name: 'admin', role: 'security-administrator', mustChange: true, secondFactor: false, sessions: 0 },
    ])
  })

  it('have names that are nobody else’s in the audit log', async () => {
    const { operators } = peopleStand()
    for (const name of ['li', 'li.wei-2', '7', 'a'.repeat(40)])
      expect(await operators.create(name, 'viewer', 'local:test'), name).toMatchObject({ ok: true })
    for (const name of [
      '',
      'Li',
      'token:x',
      'local:root',
      'system',
      'device',
      '-li',
      'li wei',
      '李',
      'a'.repeat(41),
      '../x',
    ])
      expect(errorOf(await operators.create(name, 'viewer', 'local:test')), name).toBe('name-invalid')
    expect(errorOf(await operators.create('li', 'auditor', 'local:test'))).toBe('name-taken')
  })

  it('are reset to a one-time password, without a second factor, without sessions', async () => {
    const stand = peopleStand()
    const li = await member(stand, 'li', 'operator')
    const { token } = await logInWholly(stand, li)
    const { oneTimePassword } = done(await stand.operators.reset('li', 'local:test'))
    expect(stand.people.session(token, AT_HOME)).toBeNull()
    expect(errorOf(await stand.people.logIn(li, AT_HOME))).toBe('log-in-failed')
    const begun = done(await stand.people.logIn({ name: 'li', password: oneTimePassword }, AT_HOME))
    expect(begun.view.stage).toBe('change-password')
    expect(stand.operators.list()).toMatchObject([{ mustChange: true, secondFactor: false }])
  })

  it('lose their sessions with their role, and have the new one at the next log-in', async () => {
    const stand = peopleStand()
    const li = await member(stand, 'li', 'operator')
    const { token } = await logInWholly(stand, li)
    done(stand.operators.setRole('li', 'auditor', 'admin'))
    expect(stand.people.session(token, AT_HOME)).toBeNull()
    expect((await logInWholly(stand, li)).view.operator).toMatchObject({ role: 'auditor' })
  })

  it('are out at once when they are disabled, and in again when enabled', async () => {
    const stand = peopleStand()
    const li = await member(stand, 'li', 'operator')
    const { token } = await logInWholly(stand, li)
    done(stand.operators.setDisabled('li', true, 'admin'))
    expect(stand.people.session(token, AT_HOME)).toBeNull()
    expect(errorOf(await stand.people.logIn(li, AT_HOME))).toBe('log-in-failed')
    done(stand.operators.setDisabled('li', false, 'admin'))
    expect((await logInWholly(stand, li)).view.stage).toBe('full')
  })

  it('change nothing about themselves', async () => {
    const stand = peopleStand()
    await member(stand, 'chief', 'security-administrator')
    await member(stand, 'second', 'security-administrator')
    expect(errorOf(stand.operators.setRole('chief', 'viewer', 'chief'))).toBe('own-account')
    expect(errorOf(stand.operators.setDisabled('chief', true, 'chief'))).toBe('own-account')
    expect(errorOf(await stand.operators.reset('chief', 'chief'))).toBe('own-account')
    expect(stand.operators.list()).toMatchObject([
      { role: 'security-administrator', mustChange: false, disabledMs: null },
      {},
    ])
    expect(stand.traces(/^operator\.(role|disable|reset)/)).toEqual([
      ['operator.role', 'chief', false],
      ['operator.disable', 'chief', false],
      ['operator.reset', 'chief', false],
    ])
  })

  it('keep one security administrator who is not disabled, whoever asks', async () => {
    const stand = peopleStand()
    const { operators } = stand
    await member(stand, 'chief', 'security-administrator')
    await member(stand, 'second', 'security-administrator')
    done(operators.setDisabled('second', true, 'chief'))
    expect(errorOf(operators.setRole('chief', 'viewer', 'local:root'))).toBe('last-security-administrator')
    expect(errorOf(operators.setDisabled('chief', true, 'local:root'))).toBe('last-security-administrator')
    done(operators.setRole('second', 'viewer', 'chief'))
    done(operators.setDisabled('second', false, 'chief'))
    expect(errorOf(operators.setDisabled('chief', true, 'second'))).toBe('last-security-administrator')
    done(operators.setRole('second', 'security-administrator', 'chief'))
    done(operators.setDisabled('chief', true, 'second'))
  })

  it('that nobody knows are not changed', async () => {
    const { operators } = peopleStand()
    for (const name of ['nobody', 'constructor', '__proto__']) {
      expect(errorOf(operators.setRole(name, 'viewer', 'admin'))).toBe('operator-unknown')
      expect(errorOf(operators.setDisabled(name, true, 'admin'))).toBe('operator-unknown')
      expect(errorOf(await operators.reset(name, 'admin'))).toBe('operator-unknown')
    }
  })

  it('leave a trace of each change, and no change where the trace cannot be written', async () => {
    const stand = peopleStand()
    done(await stand.operators.create('li', 'viewer', 'chief'))
    done(stand.operators.setRole('li', 'operator', 'chief'))
    expect(stand.audit.read(null, 1)).toMatchObject([
      { actor: 'chief', action: 'operator.role', subject: 'li', ok: true, detail: { from: 'viewer', to: 'operator' } },
    ])
    stand.store.db.exec('DROP TABLE audit')
    expect(() => stand.operators.setRole('li', 'auditor', 'chief')).toThrow()
    expect(stand.operators.list()).toMatchObject([{ role: 'operator' }])
  })
})

describe('access tokens', () => {
  it('are shown once, held as a hash, and read as a viewer', () => {
    const { tokens, store } = peopleStand()
    const { token } = done(tokens.create({ name: 'prometheus' }, 'chief'))
    expect(token).toMatch(/^ankang_[\w-]{43}$/)
    expect(tokens.principalOf(token)).toEqual({ actor: 'token:prometheus', role: 'viewer' })
    expect(tokens.admitToken('prometheus', token)).toBe('prometheus')
    expect(JSON.stringify(tokens.list())).not.toContain(token.slice(8))
    expect(store.db.serialize().includes(token.slice(8))).toBe(false)
  })

  it('are taken under their own name only, and whole', () => {
    const { tokens } = peopleStand()
    const { token } = done(tokens.create({ name: 'one' }, 'chief'))
    const { token: other } = done(tokens.create({ name: 'two' }, 'chief'))
    for (const [name, given] of [
      ['one', other],
      ['two', token],
      ['one', ''],
      ['one', token.slice(1)],
      ['constructor', token],
      ['', token],
    ] as const)
      expect(tokens.admitToken(name, given), `${name} ${given}`).toBeNull()
    for (const given of ['', 'one', token.slice(1), `${token} `, token.toUpperCase()])
      expect(tokens.principalOf(given)).toBeNull()
  })

  it('end when they expire, when they are revoked, and while their maker is disabled', async () => {
    const stand = peopleStand()
    const { tokens, operators } = stand
    await member(stand, 'chief', 'security-administrator')
    await member(stand, 'second', 'security-administrator')
    const { token, expiresMs } = done(tokens.create({ name: 'one', days: 2 }, 'second'))
    const { token: local } = done(tokens.create({ name: 'two' }, 'local:root'))
    const good = (one: string) => tokens.principalOf(one) !== null
    done(operators.setDisabled('second', true, 'chief'))
    expect([good(token), good(local)]).toEqual([false, true])
    expect(tokens.admitToken('one', token)).toBeNull()
    done(operators.setDisabled('second', false, 'chief'))
    expect(good(token)).toBe(true)
    stand.clock.nowMs = expiresMs - 1
    expect(good(token)).toBe(true)
    stand.clock.nowMs = expiresMs
    expect(good(token)).toBe(false)
    done(tokens.revoke('two', 'chief'))
    expect(good(local)).toBe(false)
    expect(tokens.admitToken('two', local)).toBeNull()
  })

  it('live 90 days unless said, a year at most, and have plain names', () => {
    const { tokens, clock } = peopleStand()
    expect(done(tokens.create({ name: 'one' }, 'chief')).expiresMs).toBe(clock.nowMs + 90 * DAY_MS)
    expect(done(tokens.create({ name: 'two', days: 365 }, 'chief')).expiresMs).toBe(clock.nowMs + 365 * DAY_MS)
    for (const days of [0, 366, 1.5, Number.NaN, -1])
      expect(errorOf(tokens.create({ name: 'three', days }, 'chief'))).toBe('days-invalid')
    for (const name of ['', 'A', 'a b', '-a', 'a'.repeat(41)])
      expect(errorOf(tokens.create({ name }, 'chief'))).toBe('name-invalid')
  })

  it('give their name back when they have ended, and are listed a month longer', () => {
    const { tokens, wait } = peopleStand()
    const { token } = done(tokens.create({ name: 'one', days: 1 }, 'chief'))
    expect(errorOf(tokens.create({ name: 'one' }, 'chief'))).toBe('name-taken')
    done(tokens.revoke('one', 'chief'))
    expect(tokens.list()).toMatchObject([{ name: 'one', revokedMs: expect.any(Number) }])
    const { token: next } = done(tokens.create({ name: 'one', days: 1 }, 'chief'))
    expect([tokens.principalOf(token), tokens.principalOf(next)]).toEqual([null, expect.anything()])
    wait(DAY_MS + PEOPLE_LIMITS.endedTokensListedMs + 1)
    done(tokens.create({ name: 'two' }, 'chief'))
    expect(tokens.list().map(({ name }) => name)).toEqual(['two'])
    expect(errorOf(tokens.revoke('one', 'chief'))).toBe('token-unknown')
  })
})
