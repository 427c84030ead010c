import { expect, it } from 'vitest'
import type { Route } from '../../src/api/route.ts'
import { ROLES } from '../../src/people/principal.ts'
import { codeOf, done, GOOD_PASSWORD, member } from '../fixtures/people-stand.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { type ApiStand, apiStand, browserOf } from './fixtures/api-stand.ts'
import type { Browser } from './fixtures/browser.ts'

/*
 * Who gets past the door of each route, written by hand. A route that is not in here fails the test until somebody says who may
 * call it. A stands for anybody, S for whoever has a session at any stage, else:
 *   v viewer · t technician · o operator · a auditor · s security administrator · k an access token
 */
const WHO: Readonly<Record<string, string>> = {
  'POST /api/session': 'A',
  'GET /api/session': 'S',
  'POST /api/session/password': 'S',
  'GET /api/session/second-factor': 'S',
  'POST /api/session/second-factor': 'S',
  'DELETE /api/session': 'S',
  'GET /api/summary': 'vtoask',
  'GET /api/devices': 'vtoask',
  'GET /api/showings': 'vtoask',
  'GET /api/events': 'vtoask',
  'GET /api/devices/:device': 'vtoask',
  'GET /api/devices/:device/commands': 'vtoask',
  'POST /api/devices/:device/commands': 'to',
  'PUT /api/devices/:device/desired': 't',
  'POST /api/devices/:device/revocation': 's',
  'POST /api/look-ups': 'a',
  'GET /api/enrolment-codes': 't',
  'POST /api/enrolment-codes': 't',
  'DELETE /api/enrolment-codes/:device': 't',
  'GET /api/operators': 's',
  'POST /api/operators': 's',
  'POST /api/operators/:name/reset': 's',
  'POST /api/operators/:name/disabled': 's',
  'PUT /api/operators/:name/role': 's',
  'GET /api/tokens': 's',
  'POST /api/tokens': 's',
  'DELETE /api/tokens/:name': 's',
  'GET /api/audit': 'a',
  'GET /api/audit/check': 'a',
  'GET /metrics': 'vtak',
  'GET /healthz': 'A',
  'GET /readyz': 'A',
  'GET /api/openapi.json': 'A',
  'GET /enrolment/anchors': 'A',
  'POST /enrolment': 'A',
  'POST /enrolment/renewal': 'A',
}

const HALF_WAY = ['change-password', 'set-up-second-factor', 'second-factor'] as const
const SIGNS: Readonly<Record<string, string>> = {
  viewer: 'v',
  technician: 't',
  operator: 'o',
  auditor: 'a',
  'security-administrator': 's',
  token: 'k',
}
const CALLERS = ['nobody', 'token', 'bad token', ...HALF_WAY, ...ROLES] as const
type Caller = (typeof CALLERS)[number]
const DOOR = ['not-logged-in', 'log-in-unfinished', 'not-permitted', 'csrf-wrong', 'cross-site', 'too-many-requests']

const nameOf = ({ method, path }: Route) => `${method} ${path}`
/** Of devices and people there are none of: what lies behind the door may refuse, and does not change anything. */
const pathOf = ({ path }: Route) => path.replace(':device', 'no-such-device').replace(':name', 'no-such-name')
const isHalfWay = (caller: Caller) => (HALF_WAY as readonly string[]).includes(caller)
const isRole = (caller: Caller) => (ROLES as readonly string[]).includes(caller)

/** What the door says, null where it lets in. */
function expectedAt(route: Route, caller: Caller): string | null {
  const who = WHO[nameOf(route)] ?? expect.fail(`nobody has said who may call ${nameOf(route)}`)
  if (who === 'A') return null
  if (who === 'S') return isHalfWay(caller) || isRole(caller) ? null : 'not-logged-in'
  if (caller === 'nobody' || caller === 'bad token') return 'not-logged-in'
  if (isHalfWay(caller)) return 'log-in-unfinished'
  return who.includes(SIGNS[caller] ?? '?') ? null : 'not-permitted'
}

async function halfWay(stand: ApiStand, stage: (typeof HALF_WAY)[number]): Promise<Browser> {
  const browser = stand.browser()
  const { people, operators } = stand
  const name = `half-${stage}`
  if (stage === 'second-factor') {
    const { password } = await member(stand, name, 'security-administrator', browser.client)
    await browser.post('/api/session', { name, password })
    return browser
  }
  const { oneTimePassword } = done(await operators.create(name, 'security-administrator', 'local:test'))
  await browser.post('/api/session', { name, password: oneTimePassword })
  if (stage === 'set-up-second-factor') await browser.post('/api/session/password', { newPassword: GOOD_PASSWORD })
  expect(people.session(browser.cookie ?? '', browser.client)?.stage).toBe(stage)
  return browser
}

/** Each caller asks as itself, without cookies of others. */
async function browserFor(
  stand: ApiStand,
  caller: Caller,
): Promise<{ browser: Browser; headers?: { authorization: string } }> {
  if (caller === 'nobody') return { browser: stand.browser() }
  if (caller === 'token' || caller === 'bad token') {
    const { token } = done(stand.tokens.create({ name: 'prometheus' }, 'local:test'))
    const shown = caller === 'token' ? token : `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    return { browser: stand.browser(), headers: { authorization: `Bearer ${shown}` } }
  }
  if (isHalfWay(caller)) return { browser: await halfWay(stand, caller as (typeof HALF_WAY)[number]) }
  return { browser: await browserOf(stand, caller as (typeof ROLES)[number]) }
}

it.each(CALLERS)('lets %s through the doors that are theirs, and through no other', async caller => {
  const stand = await apiStand({
    devices: [new SigningDevice()],
    limits: { auditedRefusals: { burst: 1000, perSecond: 1 }, publicPosts: { burst: 1000, perSecond: 1 } },
  })
  const { browser, headers } = await browserFor(stand, caller)
  // what ends a session comes last
  const routes = stand.routes.filter(route => nameOf(route) !== 'DELETE /api/session')
  const last = stand.routes.filter(route => nameOf(route) === 'DELETE /api/session')
  const refused: string[] = []
  for (const route of [...routes, ...last]) {
    const body = route.method === 'GET' || route.body === undefined ? {} : { body: {} }
    const response = await browser.open(route.method, pathOf(route), { ...body, ...(headers ? { headers } : {}) })
    const isOpen = response.headers['content-type']?.startsWith('text/event-stream') === true
    const chunks: Buffer[] = []
    if (!isOpen) for await (const chunk of response) chunks.push(chunk)
    response.destroy()
    const text = Buffer.concat(chunks).toString('utf8')
    const error = response.statusCode === 200 ? null : JSON.parse(text).error
    const atDoor = DOOR.includes(error) ? error : null
    expect(atDoor, `${caller}: ${nameOf(route)}`).toBe(expectedAt(route, caller))
    if (atDoor !== null) {
      expect(response.statusCode).toBe(atDoor === 'not-permitted' ? 403 : 401)
      expect(response.headers['www-authenticate']).toBe(
        atDoor === 'not-permitted' ? undefined : 'Bearer realm="ankang"',
      )
    }
    if (atDoor === 'not-permitted') refused.push(nameOf(route))
    expect(response.statusCode, `${caller}: ${nameOf(route)}: ${text}`).toBeLessThan(500)
  }
  const noted = stand.traces(/^api\.refused$/).map(([, subject, ok]) => [subject, ok])
  expect(noted).toEqual(refused.map(subject => [subject, false]))
})

it('knows of each route who may call it, and of no route that is not there', async () => {
  const { routes } = await apiStand()
  expect(routes.map(nameOf).sort()).toEqual(Object.keys(WHO).sort())
  for (const caller of Object.keys(SIGNS))
    expect(Object.values(WHO).some(who => who.includes(SIGNS[caller] ?? '?'))).toBe(true)
})

it('lets no role do what it was not given when it takes another’s place: a session follows its operator’s role', async () => {
  const stand = await apiStand()
  const browser = await browserOf(stand, 'auditor', 'wang')
  expect((await browser.get('/api/audit')).status).toBe(200)
  stand.operators.setRole('wang', 'viewer', 'local:test')
  expect((await browser.get('/api/audit')).json).toMatchObject({ error: 'not-logged-in' })
})

it('counts a token’s maker: disabled, it reads nothing any more', async () => {
  const stand = await apiStand()
  await member(stand, 'zhao', 'security-administrator')
  await member(stand, 'qian', 'security-administrator')
  const { token } = done(stand.tokens.create({ name: 'grafana' }, 'zhao'))
  const browser = stand.browser()
  const ask = () => browser.get('/api/summary', { headers: { authorization: `Bearer ${token}` } })
  expect((await ask()).status).toBe(200)
  stand.operators.setDisabled('zhao', true, 'qian')
  expect((await ask()).status).toBe(401)
})

it('asks for the second factor before anything else is to be had', async () => {
  const stand = await apiStand()
  const browser = stand.browser()
  const { name, password, secret } = await member(stand, 'sun', 'auditor', browser.client)
  expect((await browser.post('/api/session', { name, password })).json.stage).toBe('second-factor')
  expect((await browser.get('/api/audit')).json.error).toBe('log-in-unfinished')
  const code = codeOf(secret, stand.clock.nowMs)
  expect((await browser.post('/api/session/second-factor', { code })).json.stage).toBe('full')
  expect((await browser.get('/api/audit')).status).toBe(200)
})
