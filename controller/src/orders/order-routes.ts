import { BugError, desiredSettings, MAX_RESULT_DETAIL_CHARS } from '@ankang/protocol'
import * as v from 'valibot'
import { type Route, type RouteAnswer, type RouteRequest, route } from '../api/route.ts'
import type { Audit } from '../audit/audit.ts'
import { purposeSchema } from '../audit/purpose.ts'
import { may, type Principal } from '../people/principal.ts'
import type { DesiredDesk } from './desired-desk.ts'
import { ORDER_NAMES, ORDER_STATES, permissionFor } from './order.ts'
import type { OrderDesk } from './order-desk.ts'

interface OrderRouteParts {
  readonly desk: OrderDesk
  readonly desired: DesiredDesk
  readonly audit: Audit
}

const LISTED = 50

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0))
const ofDevice = v.strictObject({ device: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)) })
const settings = v.record(v.pipe(v.string(), v.maxLength(40)), v.union([v.string(), v.number()]))

/** An order as the API gives it, and the live event `command`. */
export const orderSchema = v.object({
  device: v.string(),
  id: v.string(),
  name: v.string(),
  args: settings,
  issuedMs: timeMs,
  expiresMs: timeMs,
  issuedBy: v.string(),
  purpose: v.string(),
  state: v.picklist(ORDER_STATES),
  result: v.nullable(
    v.object({ ok: v.boolean(), detail: v.pipe(v.string(), v.maxLength(MAX_RESULT_DETAIL_CHARS)), timeMs }),
  ),
})

const STATUS = {
  'device-unknown': 404,
  'device-revoked': 409,
  'device-away': 409,
  'order-unknown': 400,
  'args-invalid': 400,
  'config-invalid': 400,
  'too-many': 429,
} as const

function refusal({ error, detail }: { readonly error: keyof typeof STATUS; readonly detail: string }) {
  return { ok: false, status: STATUS[error], error, message: detail } as const
}

function whoAsks({ principal }: { readonly principal: Principal | null }): Principal {
  if (principal === null)
    throw new BugError('principal-missing', 'expected a route with permissions to have a principal')
  return principal
}

function setDesired({ desired }: OrderRouteParts): Route {
  return route({
    method: 'PUT',
    path: '/api/devices/:device/desired',
    zh: '设定设备的期望配置：全部替换，未写的项以设备自己的文件为准',
    en: 'Sets what a device is to be like, all of it; what is left out is left to the device’s own file',
    access: ['device:configure'],
    params: ofDevice,
    body: v.strictObject({ config: desiredSettings, purpose: purposeSchema }),
    answer: v.object({ version: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
    refusals: ['device-unknown', 'device-revoked', 'config-invalid'],
    handle: async ({ params, body, ...request }) => {
      const set = desired.set({ ...params, ...body, actor: whoAsks(request).actor })
      return set.ok ? { ok: true, json: { version: set.version } } : refusal(set)
    },
  })
}

const orderWish = v.strictObject({
  name: v.picklist(ORDER_NAMES),
  args: v.optional(settings, {}),
  purpose: purposeSchema,
})
type OrderRequest = RouteRequest<v.InferOutput<typeof orderWish>, unknown, v.InferOutput<typeof ofDevice>>

async function giveOrder(
  { desk, audit }: OrderRouteParts,
  { params, body, ...request }: OrderRequest,
): Promise<RouteAnswer<{ id: string; expiresMs: number }>> {
  const principal = whoAsks(request)
  const { actor } = principal
  if (!may(principal, permissionFor(body.name))) {
    const [action, subject] = [`command.${body.name}`, params.device]
    audit.append({ actor, action, subject, purpose: body.purpose, ok: false, detail: { error: 'forbidden' } })
    const message = `此命令需要权限 this order needs ${permissionFor(body.name)}`
    return { ok: false, status: 403, error: 'forbidden', message }
  }
  const issued = desk.issue({ ...params, ...body, actor })
  return issued.ok ? { ok: true, json: { id: issued.id, expiresMs: issued.expiresMs } } : refusal(issued)
}

function issueOrder(parts: OrderRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/devices/:device/commands',
    zh: '向设备下达命令：开门类需 command:door，其余需 command:maintain',
    en: 'Gives a device an order: open-once, lockdown and release need command:door, the others command:maintain',
    access: ['command:door', 'command:maintain'],
    params: ofDevice,
    body: orderWish,
    answer: v.object({ id: v.string(), expiresMs: timeMs }),
    refusals: ['forbidden', 'device-unknown', 'device-revoked', 'device-away', 'args-invalid', 'too-many'],
    handle: request => giveOrder(parts, request),
  })
}

function listOrders({ desk }: OrderRouteParts): Route {
  const limit = v.pipe(v.string(), v.regex(/^([1-9]\d?|1\d\d|200)$/, 'expected a whole number from 1 to 200'))
  return route({
    method: 'GET',
    path: '/api/devices/:device/commands',
    zh: '设备的命令及其结果，最新的在前',
    en: 'A device’s orders and what came of them, newest first',
    access: ['live:read'],
    params: ofDevice,
    query: v.strictObject({ limit: v.optional(limit, String(LISTED)) }),
    answer: v.object({ commands: v.array(orderSchema) }),
    handle: async ({ params, query }) => ({
      ok: true,
      json: { commands: [...desk.ordersOf(params.device, Number(query.limit))] },
    }),
  })
}

/** Configuring devices and giving them orders. */
export function orderRoutes(parts: OrderRouteParts): readonly Route[] {
  return [setDesired(parts), issueOrder(parts), listOrders(parts)]
}
