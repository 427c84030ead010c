import { parseSetCookie } from 'cookie'
import { describe, expect, it } from 'vitest'
import { sessionCookie } from '../../src/api/session-cookie.ts'
import { codeOf, done, GOOD_PASSWORD, member } from '../fixtures/people-stand.ts'
import { apiStand, browserOf } from './fixtures/api-stand.ts'

const FULL = { stage: 'full', operator: { name: 'wang', role: 'auditor' } }

describe('a log-in over HTTPS', () => {
  it('goes from a one-time password to a second factor, with another session at each step', async () => {
    const stand = await apiStand()
    const browser = stand.browser()
    const { oneTimePassword } = done(await stand.operators.create('wang', 'auditor', 'local:test'))
    const tokens: (string | null)[] = []
    const first = await browser.post('/api/session', { name: 'wang', password: oneTimePassword })
    expect(first).toMatchObject({ status: 200, json: { stage: 'change-password', csrf: expect.any(String) } })
    tokens.push(browser.cookie)
    const changed = await browser.post('/api/session/password', { newPassword: GOOD_PASSWORD })
    expect(changed).toMatchObject({ status: 200, json: { stage: 'set-up-second-factor' } })
    tokens.push(browser.cookie)
    const { json: offer } = await browser.get('/api/session/second-factor')
    expect(offer).toEqual({
      uri: expect.stringMatching(/^otpauth:\/\/totp\//),
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      qrSvg: expect.stringMatching(/^<svg .*<path .*<\/svg>\s*$/s),
    })
    const proven = await browser.post('/api/session/second-factor', { code: codeOf(offer.secret, stand.clock.nowMs) })
    expect(proven).toMatchObject({ status: 200, json: FULL })
    tokens.push(browser.cookie)
    expect(new Set(tokens).size).toBe(3)
    expect(await browser.get('/api/session')).toMatchObject({ status: 200, json: proven.json })
    for (const token of tokens.slice(0, 2)) {
      const old = stand.browser()
      old.cookie = token
      expect((await old.get('/api/session')).status).toBe(401)
    }
  })

  it('keeps the session in a cookie that no script reads and no other site sends', async () => {
    const stand = await apiStand()
    const browser = stand.browser()
    const { name, password } = await member(stand, 'wang', 'viewer', browser.client)
    const { setCookie, headers } = await browser.post('/api/session', { name, password })
    expect(setCookie).toMatchObject({
      name: '__Host-ankang',
      secure: true,
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
    })
    expect(setCookie).not.toHaveProperty('domain')
    expect(setCookie).not.toHaveProperty('maxAge')
    expect(headers['cache-control']).toBe('no-store')
    expect(parseSetCookie(sessionCookie('forget'))).toMatchObject({ value: '', maxAge: 0, secure: true, path: '/' })
  })

  it('does not keep a cookie that was there before: neither an invented one nor somebody’s', async () => {
    const stand = await apiStand()
    const browser = stand.browser()
    const { name, password } = await member(stand, 'wang', 'viewer', browser.client)
    const planted = 'A'.repeat(43)
    browser.cookie = planted
    await browser.post('/api/session', { name, password })
    expect(browser.cookie).not.toBe(planted)
    const first = browser.cookie
    await browser.post('/api/session', { name, password })
    expect(browser.cookie).not.toBe(first)
    const old = stand.browser()
    old.cookie = first
    expect((await old.get('/api/session')).status).toBe(401)
  })

  it('ends on log-out, for the server and for the browser', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'viewer')
    const token = browser.cookie
    const { status, setCookie } = await browser.ask('DELETE', '/api/session')
    expect(status).toBe(200)
    expect(setCookie).toMatchObject({ value: '', maxAge: 0 })
    browser.cookie = token
    expect((await browser.get('/api/summary')).status).toBe(401)
  })

  it.each([
    ['in another browser', { userAgent: 'another browser/2' }],
    ['at another address', { address: '127.0.0.2' }],
  ])(
    'is over for thief and owner when the cookie turns up %s, and the browser is told to forget it',
    async (_where, of) => {
      const stand = await apiStand()
      const browser = await browserOf(stand, 'viewer')
      const thief = stand.browser(of)
      thief.cookie = browser.cookie
      const robbed = await thief.get('/api/devices')
      expect(robbed).toMatchObject({ status: 401, setCookie: { value: '', maxAge: 0 } })
      expect((await browser.get('/api/devices')).status).toBe(401)
      expect(stand.traces(/stolen/)).toEqual([['session.stolen', 'viewer', false]])
    },
  )

  it('is kept alive by what somebody asks, and by nothing that the page asks by itself', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'technician')
    const unasked = { headers: { 'x-background': '1' } }
    const statusAfter = async (minutes: number, path: string, ask = {}) => {
      stand.wait(minutes * 60_000)
      return (await browser.get(path, ask)).status
    }
    expect(await statusAfter(29, '/api/devices')).toBe(200)
    expect(await statusAfter(29, '/api/summary', unasked)).toBe(200)
    const stream = await browser.openUnpooled('GET', '/api/events')
    expect(stream.statusCode).toBe(200)
    stream.destroy()
    expect(await statusAfter(0, '/api/session', unasked)).toBe(200)
    expect(await statusAfter(0, '/healthz', unasked)).toBe(200)
    expect(await statusAfter(2, '/api/enrolment-codes', unasked)).toBe(401)
    const again = await browserOf(stand, 'viewer')
    for (let turn = 0; turn < 3; turn++) {
      stand.wait(29 * 60_000)
      expect((await again.get('/api/devices', { headers: { 'x-background': 'no' } })).status).toBe(200)
    }
  })

  it('says of a wrong name and of a wrong password the same', async () => {
    const stand = await apiStand()
    const browser = stand.browser()
    await member(stand, 'wang', 'viewer', browser.client)
    const answers = await Promise.all(
      ['wang', 'nobody', 'constructor', '__proto__'].map(name =>
        browser.post('/api/session', { name, password: 'no' }),
      ),
    )
    for (const { status, json, setCookie } of answers) {
      expect(setCookie).toBeNull()
      expect({ status, json }).toEqual({
        status: 401,
        json: { error: 'log-in-failed', message: answers[0]?.json.message },
      })
    }
  })

  it('is locked after some failures, and says for how long', async () => {
    const stand = await apiStand()
    const browser = stand.browser()
    const { name, password } = await member(stand, 'wang', 'viewer', browser.client)
    for (let failure = 0; failure < 5; failure++) await browser.post('/api/session', { name, password: 'no' })
    const locked = await browser.post('/api/session', { name, password })
    expect(locked).toMatchObject({ status: 429, json: { error: 'locked' }, headers: { 'retry-after': '60' } })
    stand.wait(61_000)
    expect((await browser.post('/api/session', { name, password })).status).toBe(200)
  })

  it('refuses a weak password with a code of its own, and asks for the current one later', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'viewer')
    const change = (body: object) => browser.post('/api/session/password', body)
    expect((await change({ newPassword: 'short' })).json.error).toBe('password-too-short')
    expect((await change({ newPassword: 'neun Birnen im Regen' })).json.error).toBe('log-in-failed')
    const changed = await change({ newPassword: 'neun Birnen im Regen', currentPassword: GOOD_PASSWORD })
    expect(changed).toMatchObject({ status: 200, json: { stage: 'full' } })
  })

  it('answers a step out of its turn with a conflict', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'viewer')
    expect(await browser.get('/api/session/second-factor')).toMatchObject({
      status: 409,
      json: { error: 'wrong-stage' },
    })
  })
})

describe('a change made with a session', () => {
  const look = { tag: '0011223344556677', purpose: '投诉 complaint' }

  it.each([
    ['no token', { 'x-csrf-token': '' }],
    ['a wrong token', { 'x-csrf-token': 'x'.repeat(43) }],
    ['an empty token', { 'x-csrf-token': ' ' }],
  ])('is refused with %s', async (_what, headers) => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'auditor')
    const answer = await browser.post('/api/look-ups', look, { headers })
    expect(answer).toMatchObject({ status: 403, json: { error: 'csrf-wrong' } })
    expect(stand.traces(/look-up/)).toEqual([])
    expect((await browser.post('/api/look-ups', look)).status).toBe(200)
  })

  it('is refused with another session’s token, also of the same operator', async () => {
    const stand = await apiStand()
    const [one, other] = [await browserOf(stand, 'auditor', 'wang'), await browserOf(stand, 'auditor', 'li')]
    const answer = await one.post('/api/look-ups', look, { headers: { 'x-csrf-token': other.csrf ?? '' } })
    expect(answer.json.error).toBe('csrf-wrong')
  })

  it.each([
    ['another origin', { origin: 'https://evil.example', 'sec-fetch-site': '' }],
    ['another port of this machine', { origin: 'https://127.0.0.1:1', 'sec-fetch-site': '' }],
    ['plain HTTP', { origin: 'http://127.0.0.1', 'sec-fetch-site': '' }],
    ['an opaque origin', { origin: 'null', 'sec-fetch-site': '' }],
    ['another site, by the browser’s word', { origin: '', 'sec-fetch-site': 'cross-site' }],
    ['a neighbour, by the browser’s word', { origin: '', 'sec-fetch-site': 'same-site' }],
    ['nowhere, by the browser’s word', { origin: '', 'sec-fetch-site': 'none' }],
  ])('is refused from %s, whatever token it has', async (_where, headers) => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'auditor')
    expect(await browser.post('/api/look-ups', look, { headers })).toMatchObject({
      status: 403,
      json: { error: 'cross-site' },
    })
    // nor does a page of another site log anybody in
    const name = { name: 'auditor', password: GOOD_PASSWORD }
    const logIn = await browser.post('/api/session', name, { headers })
    expect(logIn).toMatchObject({ status: 403, setCookie: null })
  })

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'tag=0011223344556677&purpose=complaint'],
    ['a form with files', 'multipart/form-data; boundary=b', '--b--'],
    ['plain text', 'text/plain', JSON.stringify(look)],
  ])('is refused as %s', async (_what, type, raw) => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'auditor')
    const answer = await browser.ask('POST', '/api/look-ups', { raw, headers: { 'content-type': type } })
    expect(answer).toMatchObject({ status: 415, json: { error: 'json-expected' } })
  })

  it('is a program’s to make without a browser’s headers, and without a token when it has no cookie', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'auditor')
    const headers = { origin: '', 'sec-fetch-site': '' }
    expect((await browser.post('/api/look-ups', look, { headers })).status).toBe(200)
  })
})

describe('a bearer token', () => {
  it('reads without a cookie, and changes nothing whatever its role may', async () => {
    const stand = await apiStand()
    const { token } = done(stand.tokens.create({ name: 'grafana' }, 'local:test'))
    const program = stand.browser({ userAgent: 'curl/8' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await program.get('/api/devices', { headers })).status).toBe(200)
    expect((await program.post('/api/enrolment-codes', {}, { headers })).json.error).toBe('not-permitted')
    expect((await program.get('/api/session', { headers })).status).toBe(401)
  })

  it('does not let a cookie in behind a wrong one', async () => {
    const stand = await apiStand()
    const browser = await browserOf(stand, 'viewer')
    for (const authorization of ['Bearer wrong', 'Bearer ', 'Bearer', 'Basic d2FuZzp4', 'constructor'])
      expect((await browser.get('/api/devices', { headers: { authorization } })).status, authorization).toBe(401)
    expect((await browser.get('/api/devices')).status).toBe(200)
  })
})
