import * as v from 'valibot'
import { type Route, type RouteAnswer, route } from '../api/route.ts'
import type { AccessTokens, TokenRefusal } from './access-tokens.ts'
import type { AccessToken } from './people-book.ts'
import { PEOPLE_LIMITS } from './people-limits.ts'
import { actorOf } from './principal.ts'
import { TOKEN_REFUSAL_WORDS } from './refusal-words.ts'

const time = v.pipe(v.number(), v.integer(), v.minValue(0))
const days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PEOPLE_LIMITS.tokenDays))

const tokenSchema = v.object({
  name: v.string(),
  operator: v.string(),
  createdMs: time,
  expiresMs: time,
  revokedMs: v.nullable(time),
}) satisfies v.GenericSchema<AccessToken>

const STATUS = {
  'name-invalid': 400,
  'name-taken': 409,
  'days-invalid': 400,
  'token-unknown': 404,
} as const satisfies Record<TokenRefusal['error'], number>

function answer<T extends { readonly ok: true }, Json>(
  outcome: T | TokenRefusal,
  json: (done: T) => Json,
): RouteAnswer<Json> {
  if (outcome.ok) return { ok: true, json: json(outcome) }
  const { error } = outcome
  return { ok: false, status: STATUS[error], error, message: TOKEN_REFUSAL_WORDS[error] }
}

function listTokens(tokens: AccessTokens): Route {
  return route({
    method: 'GET',
    path: '/api/tokens',
    zh: '访问令牌列表，不含令牌本身',
    en: 'Access tokens, without the tokens themselves',
    access: ['token:manage'],
    answer: v.object({ tokens: v.array(tokenSchema) }),
    handle: async () => ({ ok: true, json: { tokens: [...tokens.list()] } }),
  })
}

function createToken(tokens: AccessTokens): Route {
  return route({
    method: 'POST',
    path: '/api/tokens',
    zh: '新建访问令牌：只读，只显示一次',
    en: 'Makes an access token, which may only read; it is shown once',
    access: ['token:manage'],
    body: v.strictObject({ name: v.pipe(v.string(), v.maxLength(40)), days: v.optional(days) }),
    answer: v.object({ token: v.string(), expiresMs: time }),
    refusals: ['name-invalid', 'name-taken', 'days-invalid'],
    handle: async request => {
      const { name, days: wanted } = request.body
      const wish = { name, ...(wanted === undefined ? {} : { days: wanted }) }
      return answer(tokens.create(wish, actorOf(request)), ({ token, expiresMs }) => ({ token, expiresMs }))
    },
  })
}

function revokeToken(tokens: AccessTokens): Route {
  return route({
    method: 'DELETE',
    path: '/api/tokens/:name',
    zh: '作废访问令牌',
    en: 'Revokes an access token',
    access: ['token:manage'],
    params: v.strictObject({ name: v.pipe(v.string(), v.maxLength(40)) }),
    answer: v.object({}),
    refusals: ['token-unknown'],
    handle: async request => answer(tokens.revoke(request.params.name, actorOf(request)), () => ({})),
  })
}

/** Access of programs. */
export function tokenRoutes(tokens: AccessTokens): readonly Route[] {
  return [listTokens, createToken, revokeToken].map(make => make(tokens))
}
