import { describe, expect, it } from 'vitest'
import { PasswordHashing } from '../../src/people/password-hashing.ts'
import {
  AT_HOME,
  codeOf,
  done,
  ELSEWHERE,
  errorOf,
  GOOD_PASSWORD,
  logInWholly,
  type Member,
  member,
  type PeopleStand,
  peopleStand,
} from '../fixtures/people-stand.ts'

const MINUTE_MS = 60_000

/** Wrong passwords, so slowly that no limit but the lock is met. */
async function guess(stand: PeopleStand, name: string, times: number, client = ELSEWHERE) {
  const errors: (string | null)[] = []
  for (let n = 0; n < times; n++) {
    errors.push(errorOf(await stand.people.logIn({ name, password: `wrong guess number ${n}` }, client)))
    stand.wait(7000)
  }
  return errors
}

async function standWithLi(): Promise<{ stand: PeopleStand; li: Member }> {
  const stand = peopleStand()
  return { stand, li: await member(stand, 'li', 'operator') }
}

describe('the first log-in', () => {
  it('leads from a one-time password over one’s own password and second factor to all a role may', async () => {
    const { people, operators, clock, traces } = peopleStand()
    const first = await operators.ensureFirst()
    expect(first).toMatchObject({ name: 'admin' })
    const { oneTimePassword = '' } = first ?? {}
    const typed = oneTimePassword.toLowerCase().replaceAll('-', ' ')
    const begun = done(await people.logIn({ name: ' Admin ', password: typed }, AT_HOME))
    expect(begun.view).toMatchObject({
      stage: 'change-password',
      operator: {
        name: 'admin',
        role: 'security-administrator',
        permissions: ['live:read', 'device:revoke', 'operator:manage', 'token:manage'],
      },
    })
    const change = (token: string, newPassword: string) => people.changePassword(token, AT_HOME, { newPassword })
    expect(errorOf(await change(begun.token, 'vier Birnen'))).toBe('password-too-short')
    expect(errorOf(await change(begun.token, 'the admin of this county'))).toBe('password-weak')
    expect(errorOf(await change(begun.token, oneTimePassword))).toBe('password-same')
    expect(errorOf(await change(begun.token, typed))).toBe('password-same')
    const changed = done(await change(begun.token, GOOD_PASSWORD))
    expect(changed.view.stage).toBe('set-up-second-factor')
    expect(changed.token).not.toBe(begun.token)
    expect(people.session(begun.token, AT_HOME)).toBeNull()
    const { secret } = done(people.offerSecondFactor(changed.token, AT_HOME))
    const entered = done(people.proveSecondFactor(changed.token, AT_HOME, codeOf(secret, clock.nowMs)))
    expect(entered.view.stage).toBe('full')
    expect(people.session(changed.token, AT_HOME)).toBeNull()
    expect(people.session(entered.token, AT_HOME)).toEqual(entered.view)
    expect(errorOf(await people.logIn({ name: 'admin', password: oneTimePassword }, AT_HOME))).toBe('log-in-failed')
    expect(traces().map(([action]) => action)).toEqual([
      'operator.create',
      'session.begin',
      'operator.password',
      'session.begin',
      'operator.second-factor',
      'session.log-in',
      'session.log-in',
    ])
  })
})

describe('a log-in', () => {
  it('asks for the password, then for the code', async () => {
    const { stand, li } = await standWithLi()
    const begun = done(await stand.people.logIn(li, ELSEWHERE))
    expect(begun.view.stage).toBe('second-factor')
    expect((await logInWholly(stand, li)).view.stage).toBe('full')
  })

  it('says the same of a wrong password, an unknown name, a disabled account and a name that is none', async () => {
    const { stand, li } = await standWithLi()
    const wang = await member(stand, 'wang', 'viewer')
    done(stand.operators.setDisabled('wang', true, 'local:test'))
    const tries = [
      { name: 'li', password: 'not this one' },
      { name: 'nobody', password: li.password },
      wang,
      { name: "li' OR 1=1", password: li.password },
      { name: '', password: '' },
      { name: 'li', password: 'x'.repeat(100_000) },
    ]
    const answers: unknown[] = []
    for (const one of tries) answers.push(await stand.people.logIn(one, AT_HOME))
    expect(new Set(answers.map(one => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ ok: false, error: 'log-in-failed', retryMs: null })]),
    )
  })

  it('writes down no password, no code, and no name that nobody has', async () => {
    const { stand, li } = await standWithLi()
    await stand.people.logIn({ name: 'my password is pears', password: 'x' }, AT_HOME)
    await stand.people.logIn({ name: 'li', password: 'nearly my password' }, AT_HOME)
    const { token } = done(await stand.people.logIn(li, AT_HOME))
    const shown = codeOf(li.secret, stand.clock.nowMs + 7_200_000)
    stand.people.proveSecondFactor(token, AT_HOME, shown)
    done(stand.tokens.create({ name: 'prometheus' }, 'local:test'))
    const rows = JSON.stringify(stand.audit.read(null, 1000))
    const secrets = ['pears', 'nearly my', GOOD_PASSWORD, li.secret, token, 'ankang_', `"${shown}"`]
    expect(secrets.filter(secret => rows.includes(secret))).toEqual([])
    const kept = stand.store.db.serialize()
    for (const secret of ['pears', GOOD_PASSWORD, li.secret, li.token, token])
      expect(kept.includes(secret), secret).toBe(false)
  })

  it('takes as long for a name nobody has as for a wrong password', async () => {
    const hashing = new PasswordHashing({ memoryKibibytes: 16 * 1024, passes: 2 })
    const hashes: (string | null)[] = []
    const verify = hashing.verify.bind(hashing)
    hashing.verify = async (hashed, password) => {
      hashes.push(hashed === null ? null : 'a hash')
      return verify(hashed, password)
    }
    const stand = peopleStand({ hashing })
    done(await stand.operators.create('li', 'viewer', 'local:test'))
    await stand.people.logIn({ name: 'nobody', password: 'once, for the dummy' }, ELSEWHERE)
    const times = { li: 0, nobody: 0 }
    for (let n = 0; n < 4; n++)
      for (const name of ['li', 'nobody'] as const) {
        const from = performance.now()
        await stand.people.logIn({ name, password: 'wrong guess' }, ELSEWHERE)
        times[name] += performance.now() - from
        stand.wait(7000)
      }
    expect(hashes).toEqual([null, ...Array(4).fill(['a hash', null]).flat()])
    // an answer without hashing would be a hundredth
    expect(times.nobody).toBeGreaterThan(times.li / 4)
  })

  it('hashes the password anew when it was hashed at another cost', async () => {
    const { stand, li } = await standWithLi()
    const dearer = peopleStand({
      file: stand.file,
      clock: stand.clock,
      hashing: new PasswordHashing({ memoryKibibytes: 16, passes: 2 }),
    })
    const hashed = () =>
      stand.store.db.prepare<[], { password: string }>('SELECT password FROM operators').get()?.password
    expect(hashed()).toContain('$m=8,t=1,')
    await logInWholly(dearer, li)
    expect(hashed()).toContain('$m=16,t=2,')
    await logInWholly(dearer, li)
  })

  it('is refused while too many wait to be hashed, and is then no failure', async () => {
    const { stand, li } = await standWithLi()
    const hashing = new PasswordHashing({ memoryKibibytes: 8, passes: 1 })
    Object.defineProperty(hashing, 'isBusy', { value: true })
    const busy = peopleStand({ file: stand.file, clock: stand.clock, hashing })
    for (let n = 0; n < 6; n++) {
      expect(await busy.people.logIn(li, AT_HOME)).toEqual({ ok: false, error: 'busy', retryMs: 1000 })
      stand.wait(7000)
    }
    expect(await stand.people.logIn(li, AT_HOME)).toMatchObject({ ok: true })
  })
})

describe('the lockout', () => {
  it('locks after five failures, for longer each time, and is traced once', async () => {
    const { stand, li } = await standWithLi()
    expect(await guess(stand, 'li', 6)).toEqual([...Array(5).fill('log-in-failed'), 'locked'])
    expect(await stand.people.logIn(li, ELSEWHERE)).toMatchObject({ error: 'locked' })
    expect(stand.traces(/locked/)).toEqual([['session.locked', 'li', false]])
    stand.wait(MINUTE_MS)
    expect(await guess(stand, 'li', 1)).toEqual(['log-in-failed'])
    const again = await stand.people.logIn(li, ELSEWHERE)
    expect(again).toMatchObject({ error: 'locked', retryMs: 2 * MINUTE_MS - 7000 })
    stand.wait(2 * MINUTE_MS)
    expect(await stand.people.logIn(li, ELSEWHERE)).toMatchObject({ ok: true })
  })

  it('does not lock an operator out where they are known, however long somebody guesses elsewhere', async () => {
    const { stand, li } = await standWithLi()
    for (let hour = 0; hour < 12; hour++) {
      await guess(stand, 'li', 20, { ...ELSEWHERE, address: `203.0.113.${hour}` })
      stand.wait(10 * MINUTE_MS)
    }
    stand.wait(15 * MINUTE_MS)
    await guess(stand, 'li', 20)
    expect(errorOf(await stand.people.logIn(li, ELSEWHERE))).toBe('locked')
    expect((await logInWholly(stand, li)).view.stage).toBe('full')
    expect(errorOf(await stand.people.logIn(li, ELSEWHERE))).toBe('locked')
  })

  it('lets a flood of strangers use up their own tries and nobody else’s', async () => {
    const { stand, li } = await standWithLi()
    const flood = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        stand.people.logIn({ name: 'nobody', password: 'x' }, { ...ELSEWHERE, address: `203.0.113.${n}` }),
      ),
    )
    expect(flood.filter(answer => errorOf(answer) === 'too-many').length).toBeGreaterThanOrEqual(20)
    expect((await logInWholly(stand, li)).view.stage).toBe('full')
  })

  it('locks the place where they are known for whoever guesses there', async () => {
    const { stand, li } = await standWithLi()
    expect(await guess(stand, 'li', 6, AT_HOME)).toEqual([...Array(5).fill('log-in-failed'), 'locked'])
    expect(errorOf(await stand.people.logIn(li, AT_HOME))).toBe('locked')
    expect(done(await stand.people.logIn(li, ELSEWHERE)).view.stage).toBe('second-factor')
  })

  it('locks names nobody has as it locks known ones', async () => {
    const stand = peopleStand()
    expect(await guess(stand, 'nobody', 6)).toEqual([...Array(5).fill('log-in-failed'), 'locked'])
    expect(await guess(stand, 'somebody', 1)).toEqual(['log-in-failed'])
  })

  it('counts guesses at the code, and the password alone gives no further ones', async () => {
    const { stand, li } = await standWithLi()
    const errors: (string | null)[] = []
    for (let n = 0; n < 6; n++) {
      const begun = await stand.people.logIn(li, ELSEWHERE)
      errors.push(
        begun.ok
          ? errorOf(
              stand.people.proveSecondFactor(begun.token, ELSEWHERE, codeOf(li.secret, stand.clock.nowMs + 7_200_000)),
            )
          : begun.error,
      )
      stand.wait(7000)
    }
    expect(errors).toEqual([...Array(5).fill('second-factor-wrong'), 'locked'])
  })

  it('takes no code of a half-made session while it is locked', async () => {
    const { stand, li } = await standWithLi()
    const begun = done(await stand.people.logIn(li, ELSEWHERE))
    await guess(stand, 'li', 5)
    const right = stand.people.proveSecondFactor(begun.token, ELSEWHERE, codeOf(li.secret, stand.clock.nowMs))
    expect(errorOf(right)).toBe('locked')
    stand.wait(MINUTE_MS)
    const later = stand.people.proveSecondFactor(begun.token, ELSEWHERE, codeOf(li.secret, stand.clock.nowMs))
    expect(later).toMatchObject({ ok: true })
  })

  it('ends the session whose code locked it', async () => {
    const { stand, li } = await standWithLi()
    const { token } = done(await stand.people.logIn(li, ELSEWHERE))
    const wrong = codeOf(li.secret, stand.clock.nowMs + 7_200_000)
    for (let n = 0; n < 5; n++)
      expect(errorOf(stand.people.proveSecondFactor(token, ELSEWHERE, wrong))).toBe('second-factor-wrong')
    expect(stand.people.session(token, ELSEWHERE)).toBeNull()
  })

  it('looks at five passwords of a hundred that come at once', async () => {
    const hashing = new PasswordHashing({ memoryKibibytes: 8, passes: 1 })
    let looked = 0
    const verify = hashing.verify.bind(hashing)
    hashing.verify = async (hashed, password) => {
      looked++
      return verify(hashed, password)
    }
    const stand = peopleStand({ hashing })
    await member(stand, 'li', 'operator')
    looked = 0
    const tries = Array.from({ length: 100 }, (_, n) =>
      stand.people.logIn({ name: 'li', password: `wrong guess ${n}` }, { ...ELSEWHERE, address: `203.0.113.${n}` }),
    )
    const errors = (await Promise.all(tries)).map(errorOf)
    expect(looked).toBe(5)
    expect(errors.filter(error => error === 'log-in-failed')).toHaveLength(5)
  })

  it('is forgotten after a log-in, by a reset and by being enabled', async () => {
    const { stand, li } = await standWithLi()
    await guess(stand, 'li', 4)
    const begun = done(await stand.people.logIn(li, ELSEWHERE))
    done(stand.people.proveSecondFactor(begun.token, ELSEWHERE, codeOf(li.secret, stand.clock.nowMs)))
    const other = { ...ELSEWHERE, address: '203.0.113.9' }
    await guess(stand, 'li', 5, other)
    expect(stand.operators.list()[0]?.lockedUntilMs).toBeGreaterThan(stand.clock.nowMs)
    done(stand.operators.setDisabled('li', false, 'local:test'))
    expect(stand.operators.list()[0]?.lockedUntilMs).toBeNull()
    await guess(stand, 'li', 5, other)
    const { oneTimePassword } = done(await stand.operators.reset('li', 'local:test'))
    expect(await stand.people.logIn({ name: 'li', password: oneTimePassword }, other)).toMatchObject({ ok: true })
  })

  it('outlives a restart', async () => {
    const { stand, li } = await standWithLi()
    await guess(stand, 'li', 5)
    const again = peopleStand({ file: stand.file, clock: stand.clock })
    expect(errorOf(await again.people.logIn(li, ELSEWHERE))).toBe('locked')
  })
})
