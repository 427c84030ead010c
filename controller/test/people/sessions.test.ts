import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCsrfOf, principalOf } from '../../src/people/session-view.ts'
import {
  AT_HOME,
  codeOf,
  done,
  ELSEWHERE,
  errorOf,
  GOOD_PASSWORD,
  logInWholly,
  member,
  peopleStand,
} from '../fixtures/people-stand.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

async function standWithLi() {
  const stand = peopleStand()
  const li = await member(stand, 'li', 'operator')
  return { stand, li, ...(await logInWholly(stand, li)) }
}

describe('a session', () => {
  it('ends after half an hour without use, and lives on while it is used', async () => {
    const { stand, token } = await standWithLi()
    for (let n = 0; n < 10; n++) {
      stand.wait(29 * MINUTE_MS)
      expect(stand.people.session(token, AT_HOME), String(n)).not.toBeNull()
    }
    stand.wait(30 * MINUTE_MS + 1)
    expect(stand.people.session(token, AT_HOME)).toBeNull()
    stand.wait(-30 * MINUTE_MS)
    expect(stand.people.session(token, AT_HOME)).toBeNull()
  })

  it('ends after twelve hours, whether used or not', async () => {
    const { stand, token } = await standWithLi()
    for (let n = 0; n < 71; n++) {
      stand.wait(10 * MINUTE_MS)
      expect(stand.people.session(token, AT_HOME), String(n)).not.toBeNull()
    }
    stand.wait(10 * MINUTE_MS)
    expect(stand.people.session(token, AT_HOME)).toBeNull()
  })

  it('is not kept alive by what only looks', async () => {
    const { stand, token } = await standWithLi()
    stand.wait(20 * MINUTE_MS)
    expect(stand.people.session(token, AT_HOME, { touch: false })).not.toBeNull()
    stand.wait(11 * MINUTE_MS)
    expect(stand.people.session(token, AT_HOME)).toBeNull()
  })

  it('that is half made ends after a quarter of an hour, used or not', async () => {
    const { stand, li } = await standWithLi()
    const { token } = done(await stand.people.logIn(li, AT_HOME))
    stand.wait(14 * MINUTE_MS)
    expect(stand.people.session(token, AT_HOME)).toMatchObject({ stage: 'second-factor' })
    stand.wait(MINUTE_MS + 1)
    expect(errorOf(stand.people.proveSecondFactor(token, AT_HOME, codeOf(li.secret, stand.clock.nowMs)))).toBe(
      'no-session',
    )
  })

  it('from the future is none: the clock was set back', async () => {
    const { stand, token } = await standWithLi()
    stand.wait(-HOUR_MS)
    expect(stand.people.session(token, AT_HOME)).toBeNull()
  })

  it('outlives a restart, and what has ended stays ended', async () => {
    const { stand, li, token } = await standWithLi()
    const over = await logInWholly(stand, li)
    stand.people.logOut(over.token, AT_HOME)
    const again = peopleStand({ file: stand.file, clock: stand.clock })
    expect(again.people.session(token, AT_HOME)).toEqual(stand.people.session(token, AT_HOME))
    expect(again.people.session(over.token, AT_HOME)).toBeNull()
    expect(again.traces(/log-out/)).toEqual([['session.log-out', 'li', true]])
  })

  it.each([
    ['at another place', { ...AT_HOME, address: '198.51.100.7' }, { otherPlace: true, otherUserAgent: false }],
    ['in another browser', { ...AT_HOME, userAgent: 'curl' }, { otherPlace: false, otherUserAgent: true }],
  ])('that turns up %s is ended for both, and traced as stolen', async (_, thief, detail) => {
    const { stand, token } = await standWithLi()
    expect(stand.people.session(token, thief)).toBeNull()
    expect(stand.people.session(token, AT_HOME)).toBeNull()
    const [newest] = stand.audit.read(null, 1)
    expect(newest).toMatchObject({
      actor: 'system',
      action: 'session.stolen',
      subject: 'li',
      ok: false,
      detail: { address: thief.address, ...detail },
    })
    stand.people.session(token, thief)
    expect(stand.traces(/stolen/)).toHaveLength(1)
  })

  it.each(['proveSecondFactor', 'offerSecondFactor', 'changePassword', 'logOut'] as const)(
    'that is stolen is of no use to %s',
    async call => {
      const { stand, token } = await standWithLi()
      const { people } = stand
      const answer = {
        proveSecondFactor: () => people.proveSecondFactor(token, ELSEWHERE, '000000'),
        offerSecondFactor: () => people.offerSecondFactor(token, ELSEWHERE),
        changePassword: () => people.changePassword(token, ELSEWHERE, { newPassword: 'fünf Pflaumen im Schnee' }),
        logOut: () => people.logOut(token, ELSEWHERE),
      }[call]()
      if (call !== 'logOut') expect(await answer).toMatchObject({ error: 'no-session' })
      expect(stand.traces(/stolen|log-out/)).toEqual([['session.stolen', 'li', false]])
    },
  )

  it('stays good within an IPv6 network, where machines change their address', async () => {
    const { stand, li } = await standWithLi()
    const from = (address: string) => ({ ...AT_HOME, address })
    const { token } = await logInWholly(stand, li, from('2001:db8:1:2::a'))
    expect(stand.people.session(token, from('2001:db8:1:2:ffff::b'))).not.toBeNull()
    expect(stand.people.session(token, from('2001:db8:1:3::a'))).toBeNull()
  })

  it('has a second secret of its own, the same as long as its token', async () => {
    const { stand, li, token, view } = await standWithLi()
    const other = await logInWholly(stand, li)
    expect(stand.people.session(token, AT_HOME)?.csrf).toBe(view.csrf)
    expect(isCsrfOf(view, view.csrf)).toBe(true)
    for (const wrong of ['', 'x', other.view.csrf, view.csrf.slice(1), token]) expect(isCsrfOf(view, wrong)).toBe(false)
    expect(view.csrf).toMatch(/^[\w-]{43}$/)
  })

  it('is held as a hash, and its token is 256 bits', async () => {
    const { stand, token } = await standWithLi()
    expect(token).toMatch(/^[\w-]{43}$/)
    const kept = stand.store.db.serialize()
    expect(kept.includes(token)).toBe(false)
    expect(kept.includes(Buffer.from(token, 'base64url'))).toBe(false)
  })

  it('of an operator is one of ten at most: the oldest ends', async () => {
    const { stand, li, token } = await standWithLi()
    for (let n = 0; n < 10; n++) await logInWholly(stand, li)
    expect(stand.operators.list()[0]?.sessions).toBe(10)
    expect(stand.people.session(token, AT_HOME)).toBeNull()
  })

  it('is pruned from the store once it is over', async () => {
    const { stand, li } = await standWithLi()
    for (let n = 0; n < 3; n++) await stand.people.logIn(li, AT_HOME)
    const rows = () => stand.store.db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sessions').get()?.n
    expect(rows()).toBe(5)
    stand.wait(HOUR_MS)
    await stand.people.logIn(li, AT_HOME)
    expect(rows()).toBe(1)
  })
})

describe('changing the password later', () => {
  const NEW = 'fünf Pflaumen im Schnee'

  it('wants the current one, ends all other sessions and rotates its own', async () => {
    const { stand, li, token } = await standWithLi()
    const other = await logInWholly(stand, li)
    const change = (given: { newPassword: string; currentPassword?: string }) =>
      stand.people.changePassword(token, AT_HOME, given)
    expect(errorOf(await change({ newPassword: NEW }))).toBe('log-in-failed')
    expect(errorOf(await change({ newPassword: NEW, currentPassword: 'x' }))).toBe('log-in-failed')
    expect(errorOf(await change({ newPassword: GOOD_PASSWORD, currentPassword: GOOD_PASSWORD }))).toBe('password-same')
    const changed = done(await change({ newPassword: NEW, currentPassword: GOOD_PASSWORD }))
    expect(changed.view.stage).toBe('full')
    for (const old of [token, other.token]) expect(stand.people.session(old, AT_HOME)).toBeNull()
    expect(stand.people.session(changed.token, AT_HOME)).toEqual(changed.view)
    expect(errorOf(await stand.people.logIn(li, AT_HOME))).toBe('log-in-failed')
    expect((await logInWholly(stand, { ...li, password: NEW })).view.stage).toBe('full')
  })

  it('counts wrong current passwords like those of a log-in', async () => {
    const { stand, token } = await standWithLi()
    for (let n = 0; n < 5; n++)
      await stand.people.changePassword(token, AT_HOME, { newPassword: NEW, currentPassword: `no ${n}` })
    const right = await stand.people.changePassword(token, AT_HOME, {
      newPassword: NEW,
      currentPassword: GOOD_PASSWORD,
    })
    expect(errorOf(right)).toBe('locked')
  })

  it('comes to nothing when the operator was reset meanwhile', async () => {
    const { stand, li, token } = await standWithLi()
    const changing = stand.people.changePassword(token, AT_HOME, { newPassword: NEW, currentPassword: GOOD_PASSWORD })
    const [changed, reset] = await Promise.all([changing, stand.operators.reset('li', 'local:test')])
    // whichever is first: afterwards the one-time password is the password, or the change was before it and is void
    const { oneTimePassword } = done(reset)
    if (changed.ok) expect(stand.people.session(changed.token, AT_HOME)).toBeNull()
    expect(errorOf(await stand.people.logIn({ ...li, password: NEW }, AT_HOME))).toBe('log-in-failed')
    const begun = done(await stand.people.logIn({ name: 'li', password: oneTimePassword }, AT_HOME))
    expect(begun.view.stage).toBe('change-password')
  })
})

/** What may be done with a session, by whoever holds its token. */
const STEPS = [
  'log in',
  'right code',
  'wrong code',
  'change',
  'offer',
  'log out',
  'reset',
  'role',
  'disable',
  'enable',
  'wait',
  'long wait',
  'restart',
] as const

describe('the stages of a log-in', () => {
  it('lead to what a role may only over every proof that is wanted, in whatever order they are tried', async () => {
    const run = async (steps: readonly (readonly [(typeof STEPS)[number], number])[]) => {
      let stand = peopleStand()
      await member(stand, 'chief', 'security-administrator')
      let password = done(await stand.operators.create('li', 'operator', 'local:test')).oneTimePassword
      const model = { mustChange: true, secret: '', disabled: false, role: 'operator' as 'operator' | 'auditor' }
      let offered = ''
      /** What each token has proven, as far as it is alive. */
      const tokens: { token: string; code: boolean }[] = []
      for (const [step, which] of steps) {
        const held = tokens[which % Math.max(1, tokens.length)]
        const at = held?.token ?? 'none'
        const next = (answer: { ok: boolean; token?: string }, code: boolean) => {
          if (answer.ok && answer.token !== undefined) tokens.push({ token: answer.token, code })
        }
        if (step === 'log in') next(await stand.people.logIn({ name: 'li', password }, AT_HOME), false)
        else if (step === 'right code' || step === 'wrong code') {
          const stage = stand.people.session(at, AT_HOME)?.stage
          const secret = model.secret === '' ? offered : model.secret
          const late = step === 'right code' ? 0 : 7_200_000
          const answer = stand.people.proveSecondFactor(at, AT_HOME, codeOf(secret, stand.clock.nowMs + late))
          if (step === 'wrong code') expect(answer.ok).toBe(false)
          if (answer.ok && stage === 'set-up-second-factor') model.secret = offered
          next(answer, true)
          stand.wait(30_000)
        } else if (step === 'change') {
          const newPassword = `Nummer ${tokens.length} von ${stand.clock.nowMs}`
          const answer = await stand.people.changePassword(at, AT_HOME, { newPassword, currentPassword: password })
          if (answer.ok) {
            model.mustChange = false
            password = newPassword
          }
          next(answer, held?.code ?? false)
        } else if (step === 'offer') {
          const answer = stand.people.offerSecondFactor(at, AT_HOME)
          if (answer.ok) offered = answer.secret
        } else if (step === 'log out') stand.people.logOut(at, AT_HOME)
        else if (step === 'reset') {
          password = done(await stand.operators.reset('li', 'chief')).oneTimePassword
          Object.assign(model, { mustChange: true, secret: '' })
        } else if (step === 'role') {
          model.role = model.role === 'operator' ? 'auditor' : 'operator'
          done(stand.operators.setRole('li', model.role, 'chief'))
        } else if (step === 'disable' || step === 'enable') {
          model.disabled = step === 'disable'
          done(stand.operators.setDisabled('li', model.disabled, 'chief'))
        } else if (step === 'restart') stand = peopleStand({ file: stand.file, clock: stand.clock })
        else stand.wait(step === 'wait' ? 7000 : 16 * MINUTE_MS)

        const alive = tokens.flatMap(one => {
          const view = stand.people.session(one.token, AT_HOME)
          return view === null ? [] : [{ ...one, view }]
        })
        for (const { view, code } of alive) {
          expect(model.disabled, 'no session of the disabled').toBe(false)
          expect(view.operator.role).toBe(model.role)
          const principal = principalOf(view)
          expect(principal).toEqual(view.stage === 'full' ? { actor: 'li', role: model.role } : null)
          if (principal === null) continue
          expect({ code, mustChange: model.mustChange, hasSecret: model.secret !== '' }).toEqual({
            code: true,
            mustChange: false,
            hasSecret: true,
          })
        }
        if (['reset', 'role', 'disable'].includes(step)) expect(alive).toEqual([])
      }
      return tokens.some(({ token }) => stand.people.session(token, AT_HOME)?.stage === 'full')
    }
    const likely = ['log in', 'change', 'offer', 'right code'] as const
    const step = fc.tuple(
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...likely) }, fc.constantFrom(...STEPS)),
      fc.nat({ max: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        await run([['log in', 0], ['change', 0], ...steps])
      }),
      { numRuns: 60 },
    )
    const all = [
      ['log in', 0],
      ['change', 0],
      ['offer', 1],
      ['right code', 1],
    ] as const
    expect(await run(all)).toBe(true)
    for (let left = 0; left < all.length; left++) expect(await run(all.filter((_, at) => at !== left))).toBe(false)
  })
})
