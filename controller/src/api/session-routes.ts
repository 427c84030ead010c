import { BugError } from '@ankang/protocol'
import qrcode from 'qrcode'
import * as v from 'valibot'
import type { People } from '../people/people.ts'
import type { Entered, PeopleRefusal, PeopleRefusalCode } from '../people/people-outcome.ts'
import { PERMISSIONS, ROLES } from '../people/principal.ts'
import { STAGES } from '../people/stage.ts'
import {
  type HeldSession,
  type Route,
  type RouteAnswer,
  type RouteRequest,
  route,
  type SessionRequest,
} from './route.ts'

export interface SessionRouteParts {
  readonly people: Pick<
    People,
    'logIn' | 'logOut' | 'changePassword' | 'offerSecondFactor' | 'proveSecondFactor' | 'session'
  >
}

/** How far a log-in has come, and what goes with it. */
export const sessionSchema = v.object({
  stage: v.pipe(
    v.picklist(STAGES),
    v.description('还差什么；full：已完成 what is still wanted; full: the log-in is complete'),
  ),
  csrf: v.pipe(v.string(), v.description('每次更改时放入 x-csrf-token to be sent with each change as x-csrf-token')),
  operator: v.object({ name: v.string(), role: v.picklist(ROLES), permissions: v.array(v.picklist(PERMISSIONS)) }),
})
type SessionAnswer = v.InferInput<typeof sessionSchema>

const nothing = v.strictObject({})
/** Longer than any password may be, so that a longer one is told of as such. */
const secret = v.pipe(v.string(), v.maxLength(1000))

const STATUS: Readonly<Record<PeopleRefusalCode, 400 | 401 | 409 | 429 | 503>> = {
  'log-in-failed': 401,
  'second-factor-wrong': 401,
  'no-session': 401,
  'password-too-short': 400,
  'password-too-long': 400,
  'password-weak': 400,
  'password-same': 400,
  'wrong-stage': 409,
  locked: 429,
  'too-many': 429,
  busy: 503,
}

const WORDS: Readonly<Record<PeopleRefusalCode, string>> = {
  'log-in-failed': '名称或密码不对 · name or password is wrong',
  'second-factor-wrong': '验证码不对 · the code is wrong, or was used before',
  'no-session': '请重新登录 · log in again',
  'password-too-short': '密码太短，至少 12 个字符 · too short; expected 12 signs or more',
  'password-too-long': '密码太长，至多 200 个字符 · too long; expected 200 signs or fewer',
  'password-weak': '密码太容易猜到 · too easy to guess',
  'password-same': '新密码不能与旧密码相同 · the new password must differ from the old one',
  'wrong-stage': '登录不在这一步 · the log-in is at another stage; GET /api/session says at which',
  locked: '尝试太多，已暂时锁定 · too many failures; locked for a while',
  'too-many': '尝试太多，请稍后再试 · too many tries; try again later',
  busy: '正忙，请稍后再试 · busy; try again in a moment',
}

type SomeRequest = Pick<RouteRequest<unknown, unknown, unknown>, 'session'>

function asked({ session }: SomeRequest): SessionRequest {
  if (session === undefined) throw new BugError('session-missing', 'expected a session route to be told of sessions')
  return session
}

function heldBy(request: SomeRequest): HeldSession & Pick<SessionRequest, 'client'> {
  const { held, client } = asked(request)
  if (held === null) throw new BugError('session-missing', 'expected a session on a session route')
  return { ...held, client }
}

function refusal({ error, retryMs }: PeopleRefusal) {
  return {
    ok: false,
    status: STATUS[error],
    error,
    message: WORDS[error],
    ...(retryMs === null ? {} : { retryMs }),
    ...(error === 'no-session' ? { cookie: 'forget' as const } : {}),
  } as const
}

function viewed({ stage, csrf, operator }: Entered['view']): SessionAnswer {
  return { stage, csrf, operator: { ...operator, permissions: [...operator.permissions] } }
}

function entered(outcome: Entered | PeopleRefusal): RouteAnswer<SessionAnswer> {
  if (!outcome.ok) return refusal(outcome)
  return { ok: true, json: viewed(outcome.view), cookie: { token: outcome.token } }
}

function logIn({ people }: SessionRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/session',
    zh: '登录第一步：名称与密码；会话在 Cookie 中',
    en: 'First step of a log-in: name and password; the session is in a cookie',
    access: 'public',
    body: v.strictObject({ name: v.pipe(v.string(), v.maxLength(1000)), password: secret }),
    answer: sessionSchema,
    refusals: ['log-in-failed', 'locked', 'too-many', 'busy'],
    handle: async ({ body, ...request }) => {
      const { client, held } = asked(request)
      const outcome = await people.logIn(body, client)
      // whoever held one before may be somebody else: it is not taken over, and does not live on beside the new one
      if (outcome.ok && held !== null) people.logOut(held.token, client)
      return entered(outcome)
    },
  })
}

function current(): Route {
  return route({
    method: 'GET',
    path: '/api/session',
    zh: '当前会话：进行到哪一步，是谁',
    en: 'The session there is: at which stage, and whose',
    access: 'session',
    answer: sessionSchema,
    handle: async request => ({ ok: true, json: viewed(heldBy(request).view) }),
  })
}

function logOut({ people }: SessionRouteParts): Route {
  return route({
    method: 'DELETE',
    path: '/api/session',
    zh: '退出登录',
    en: 'Logs out',
    access: 'session',
    answer: nothing,
    handle: async request => {
      const { token, client } = heldBy(request)
      people.logOut(token, client)
      return { ok: true, json: {}, cookie: 'forget' }
    },
  })
}

function changePassword({ people }: SessionRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/session/password',
    zh: '更改密码；登录完成之后还须给出现用密码',
    en: 'Sets another password; once the log-in is complete the current one is asked for as well',
    access: 'session',
    body: v.strictObject({ newPassword: secret, currentPassword: v.exactOptional(secret) }),
    answer: sessionSchema,
    refusals: [
      'password-too-short',
      'password-too-long',
      'password-weak',
      'password-same',
      'log-in-failed',
      'locked',
      'busy',
      'wrong-stage',
      'no-session',
    ],
    handle: async ({ body, ...request }) => {
      const { token, client } = heldBy(request)
      return entered(await people.changePassword(token, client, body))
    },
  })
}

function offerSecondFactor({ people }: SessionRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/session/second-factor',
    zh: '设置第二因素所需：链接、密钥、二维码',
    en: 'What an authenticator is set up with: a link, the secret, a QR code',
    access: 'session',
    answer: v.object({ uri: v.string(), secret: v.string(), qrSvg: v.string() }),
    refusals: ['wrong-stage', 'no-session'],
    handle: async request => {
      const { token, client } = heldBy(request)
      const offer = people.offerSecondFactor(token, client)
      if (!offer.ok) return refusal(offer)
      const { uri, secret: base32 } = offer
      const qrSvg = await qrcode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 })
      return { ok: true, json: { uri, secret: base32, qrSvg } }
    },
  })
}

function proveSecondFactor({ people }: SessionRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/session/second-factor',
    zh: '验证码：设置时与每次登录时',
    en: 'A code of the authenticator, at the set-up and at each log-in',
    access: 'session',
    body: v.strictObject({ code: v.pipe(v.string(), v.regex(/^\d{6}$/, 'expected six digits')) }),
    answer: sessionSchema,
    refusals: ['second-factor-wrong', 'locked', 'wrong-stage', 'no-session'],
    handle: async ({ body, ...request }) => {
      const { token, client } = heldBy(request)
      return entered(people.proveSecondFactor(token, client, body.code))
    },
  })
}

/** Logging in, step by step, and out. */
export function sessionRoutes(parts: SessionRouteParts): readonly Route[] {
  return [
    logIn(parts),
    current(),
    logOut(parts),
    changePassword(parts),
    offerSecondFactor(parts),
    proveSecondFactor(parts),
  ]
}
