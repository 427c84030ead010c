import type * as v from 'valibot'
import { ROLE_PERMISSIONS } from '../people/principal.ts'
import { DOOR_REFUSALS, type DoorRefusal } from './doorkeeper.ts'
import { type Json, jsonSchema, namedJsonSchemas } from './json-schemas.ts'
import { DOOR_WORDS } from './problem.ts'
import type { Route } from './route.ts'
import { SESSION_COOKIE } from './session-cookie.ts'

const PROBLEM = { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } }

const SECURITY_SCHEMES: Json = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description:
      '登录后的会话；带 x-background: 1 的请求不延长会话 ' +
      'The session of a log-in, see POST /api/session; a request with x-background: 1 does not keep it alive',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'x-csrf-token',
    description: '用会话作更改时须有 Goes with every change made with a session',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    description: '访问令牌，只读 An access token; it may read what a viewer may and change nothing',
  },
}

const TAGS: Readonly<Record<string, string>> = {
  session: '登录 Log-in',
  live: '实时 Live',
  devices: '设备 Devices',
  'look-ups': '查询 Look-ups',
  enrolment: '入网 Enrolment',
  people: '人员 People',
  audit: '审计 Audit',
  watching: '运行状况 Running',
}
const TAG_OF_PLACE: Readonly<Record<string, keyof typeof TAGS>> = {
  session: 'session',
  devices: 'devices',
  'look-ups': 'look-ups',
  'enrolment-codes': 'enrolment',
  enrolment: 'enrolment',
  operators: 'people',
  tokens: 'people',
  audit: 'audit',
  summary: 'live',
  showings: 'live',
  events: 'live',
}

/** Whether a token is enough: it may read what a viewer may. */
export function isForTokens({ access, method }: Pick<Route, 'access' | 'method'>): boolean {
  return typeof access !== 'string' && method === 'GET' && access.some(one => ROLE_PERMISSIONS.viewer.includes(one))
}

function pascal(text: string): string {
  return text.replace(/(?:^|[^a-zA-Z]+)([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase())
}

/** `getDevicesByDeviceCommands` of GET /api/devices/:device/commands. */
export function operationId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const places = path.split('/').filter(place => place !== '' && place !== 'api')
  const named = places.map(place => (place.startsWith(':') ? `By${pascal(place.slice(1))}` : pascal(place)))
  return method.toLowerCase() + named.join('')
}

function tagOf({ path }: Pick<Route, 'path'>): string {
  const [first = '', second = ''] = path.split('/').filter(place => place !== '')
  return TAG_OF_PLACE[first === 'api' ? second : first] ?? 'watching'
}

function parametersOf(schema: v.GenericSchema | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = jsonSchema(schema) as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...one }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: one,
  }))
}

/** What the door and the server itself may answer, by status. */
function doorAnswers(route: Route): ReadonlyMap<number, readonly string[]> {
  const isChange = route.method !== 'GET'
  const isKnown = route.access !== 'public'
  const given: Readonly<Record<DoorRefusal, boolean>> = {
    'cross-site': isChange,
    'too-many-requests': (isChange && !isKnown) || Array.isArray(route.access),
    'not-logged-in': isKnown,
    'log-in-unfinished': Array.isArray(route.access),
    'csrf-wrong': isChange && isKnown,
    'not-permitted': Array.isArray(route.access),
  }
  const answers = new Map<number, readonly string[]>()
  const add = (status: number, text: string): unknown => answers.set(status, [...(answers.get(status) ?? []), text])
  if (route.body !== undefined || route.query !== undefined || route.params !== undefined)
    add(
      400,
      '`request-invalid`：请求不合规，说明指出位置 the request is not as described; the message names the places',
    )
  for (const error of Object.keys(given) as DoorRefusal[])
    if (given[error]) add(DOOR_REFUSALS[error], `\`${error}\`：${DOOR_WORDS[error]}`)
  if (route.body !== undefined) {
    add(413, '`body-too-large`')
    add(415, '`json-expected`')
  }
  return answers
}

function responsesOf(route: Route): Json {
  const { answer, media = 'application/json', refusals = [] } = route
  const refused = [...doorAnswers(route)].sort(([a], [b]) => a - b)
  const own = refusals.length === 0 ? '' : `: ${refusals.map(code => `\`${code}\``).join(', ')}`
  return {
    200: { description: '成功 Done', content: { [media]: { schema: jsonSchema(answer) } } },
    ...Object.fromEntries(
      refused.map(([status, texts]) => [status, { description: texts.join('\n\n'), content: PROBLEM }]),
    ),
    default: { description: `其他拒绝与故障 Other refusals and faults${own}`, content: PROBLEM },
  }
}

function securityOf(route: Route): readonly Json[] {
  if (route.access === 'public') return []
  const session = route.method === 'GET' ? { session: [] } : { session: [], csrf: [] }
  return isForTokens(route) ? [session, { token: [] }] : [session]
}

function operation(route: Route): Json {
  const { zh, en, access, params, query, body } = route
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')]
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary: `${zh} ${en}`,
    'x-access': access,
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body) } } } }),
    responses: responsesOf(route),
  }
}

/** The API as an OpenAPI 3.1 document, made of the routes themselves. */
export function describeApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: '安康码控制中心 The centre of a county’s health-code devices',
      version: '1',
      description:
        '仅 HTTPS；JSON。拒绝与故障的形式都是 {error, message}，error 为固定代码。' +
        'HTTPS alone; JSON. Refusals and faults are {error, message}, where error is a literal code.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'https://localhost:8443', description: '默认端口 The default port' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: namedJsonSchemas(), securitySchemes: SECURITY_SCHEMES },
  }
}
