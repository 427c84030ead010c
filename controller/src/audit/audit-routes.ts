import * as v from 'valibot'
import { type Route, route } from '../api/route.ts'
import { AUDIT_FAULTS, type AuditReader } from './audit.ts'
import { AUDIT_LIMITS } from './audit-chain.ts'

const MOST = 200
const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const link = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const actionText = v.pipe(
  v.string(),
  v.maxLength(AUDIT_LIMITS.action),
  v.regex(/^[a-z][a-z0-9.-]*$/, 'expected the beginning of an action, such as session. or device.revoke'),
)
const idText = v.pipe(v.string(), v.regex(/^[1-9]\d{0,14}$/, 'expected a whole number from 1'))
const limitText = v.pipe(v.string(), v.regex(/^([1-9]\d?|1\d\d|200)$/, `expected a whole number from 1 to ${MOST}`))

const recordSchema = v.object({
  id: whole,
  timeMs: v.pipe(v.number(), v.integer()),
  actor: v.string(),
  action: v.string(),
  subject: v.string(),
  purpose: v.nullable(v.string()),
  ok: v.boolean(),
  detail: v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
  link,
})

const checkSchema = v.object({
  ok: v.boolean(),
  records: whole,
  newest: v.object({ id: whole, link }),
  firstFault: v.nullable(
    v.object({
      id: whole,
      fault: v.picklist(AUDIT_FAULTS),
      expected: v.nullable(v.string()),
      found: v.nullable(v.string()),
      foundAt: v.nullable(whole),
    }),
  ),
})

function readAudit(audit: AuditReader): Route {
  return route({
    method: 'GET',
    path: '/api/audit',
    zh: '审计日志，最新的在前；可按操作者（须全同）和动作（按开头）筛选；每次只查一段，olderBefore 作下一次的 before',
    en: 'The audit log, newest first, by its exact actor and by how an action begins; one stretch of it is looked through at a time, olderBefore is the before of the next',
    access: ['audit:read'],
    query: v.strictObject({
      before: v.optional(idText),
      limit: v.optional(limitText, '100'),
      actor: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(AUDIT_LIMITS.actor))),
      action: v.optional(actionText),
    }),
    answer: v.object({
      records: v.array(recordSchema),
      olderBefore: v.pipe(
        v.nullable(whole),
        v.description('从这里继续；null：没有更早的 Where to go on; null: nothing older'),
      ),
    }),
    handle: async ({ query: { before, limit, ...wanted } }) => {
      const page = audit.find({ ...wanted, before: before === undefined ? null : Number(before), limit: Number(limit) })
      return { ok: true, json: { ...page, records: [...page.records] } }
    },
  })
}

/** Walking the chain takes the store some time, so that one walk serves all who ask meanwhile. */
function checkAudit(audit: AuditReader): Route {
  let running: ReturnType<AuditReader['check']> | null = null
  return route({
    method: 'GET',
    path: '/api/audit/check',
    zh: '核对整条审计链；newest 请抄存到别处，日后可作见证',
    en: 'Checks the whole chain; newest, kept elsewhere, is a witness for later',
    access: ['audit:read'],
    answer: checkSchema,
    handle: async () => {
      running ??= audit.check().finally(() => {
        running = null
      })
      return { ok: true, json: await running }
    },
  })
}

/** For auditors. */
export function auditRoutes(audit: AuditReader): readonly Route[] {
  return [readAudit(audit), checkAudit(audit)]
}
