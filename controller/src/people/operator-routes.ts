import * as v from 'valibot'
import { type Route, type RouteAnswer, route } from '../api/route.ts'
import type { OperatorView } from './operator.ts'
import type { OperatorRefusal, Operators } from './operators.ts'
import { actorOf, ROLES } from './principal.ts'
import { OPERATOR_REFUSAL_WORDS } from './refusal-words.ts'

const time = v.pipe(v.number(), v.integer(), v.minValue(0))
const name = v.pipe(v.string(), v.maxLength(40))
const ofOperator = v.strictObject({ name })
const role = v.picklist(ROLES)
const oneTime = v.object({ oneTimePassword: v.string() })
const nothing = v.object({})

const operatorSchema = v.object({
  name: v.string(),
  role,
  mustChange: v.boolean(),
  secondFactor: v.boolean(),
  disabledMs: v.nullable(time),
  createdMs: time,
  lockedUntilMs: v.nullable(time),
  sessions: time,
}) satisfies v.GenericSchema<OperatorView>

const STATUS = {
  'name-invalid': 400,
  'name-taken': 409,
  'operator-unknown': 404,
  'own-account': 403,
  'last-security-administrator': 409,
} as const satisfies Record<OperatorRefusal['error'], number>

/** An answer of the domain as one of the API. */
function answer<T extends { readonly ok: true }, Json>(
  outcome: T | OperatorRefusal,
  json: (done: T) => Json,
): RouteAnswer<Json> {
  if (outcome.ok) return { ok: true, json: json(outcome) }
  const { error } = outcome
  return { ok: false, status: STATUS[error], error, message: OPERATOR_REFUSAL_WORDS[error] }
}

function listOperators(operators: Operators): Route {
  return route({
    method: 'GET',
    path: '/api/operators',
    zh: '操作员列表',
    en: 'Who may log in, and as what',
    access: ['operator:manage'],
    answer: v.object({ operators: v.array(operatorSchema) }),
    handle: async () => ({ ok: true, json: { operators: [...operators.list()] } }),
  })
}

function createOperator(operators: Operators): Route {
  return route({
    method: 'POST',
    path: '/api/operators',
    zh: '新建操作员；一次性密码只显示一次',
    en: 'Makes an operator; the one-time password is shown once',
    access: ['operator:manage'],
    body: v.strictObject({ name, role }),
    answer: oneTime,
    refusals: ['name-invalid', 'name-taken'],
    handle: async request =>
      answer(await operators.create(request.body.name, request.body.role, actorOf(request)), ({ oneTimePassword }) => ({
        oneTimePassword,
      })),
  })
}

function resetOperator(operators: Operators): Route {
  return route({
    method: 'POST',
    path: '/api/operators/:name/reset',
    zh: '重置操作员：密码和第二因素作废，会话结束',
    en: 'Voids an operator’s password and second factor, and ends their sessions',
    access: ['operator:manage'],
    params: ofOperator,
    answer: oneTime,
    refusals: ['operator-unknown', 'own-account'],
    handle: async request =>
      answer(await operators.reset(request.params.name, actorOf(request)), ({ oneTimePassword }) => ({
        oneTimePassword,
      })),
  })
}

function disableOperator(operators: Operators): Route {
  return route({
    method: 'POST',
    path: '/api/operators/:name/disabled',
    zh: '停用或重新启用操作员',
    en: 'Disables an operator, or enables them again',
    access: ['operator:manage'],
    params: ofOperator,
    body: v.strictObject({ disabled: v.boolean() }),
    answer: nothing,
    refusals: ['operator-unknown', 'own-account', 'last-security-administrator'],
    handle: async request =>
      answer(operators.setDisabled(request.params.name, request.body.disabled, actorOf(request)), () => ({})),
  })
}

function changeRole(operators: Operators): Route {
  return route({
    method: 'PUT',
    path: '/api/operators/:name/role',
    zh: '更改操作员的角色，会话结束',
    en: 'Changes an operator’s role, and ends their sessions',
    access: ['operator:manage'],
    params: ofOperator,
    body: v.strictObject({ role }),
    answer: nothing,
    refusals: ['operator-unknown', 'own-account', 'last-security-administrator'],
    handle: async request =>
      answer(operators.setRole(request.params.name, request.body.role, actorOf(request)), () => ({})),
  })
}

/** Managing who may log in. */
export function operatorRoutes(operators: Operators): readonly Route[] {
  return [listOperators, createOperator, resetOperator, disableOperator, changeRole].map(make => make(operators))
}
