import * as v from 'valibot'
import { type Route, route } from '../api/route.ts'
import { AUDIT_FAULTS, type AuditReader } from './audit.ts'

const MOST = 200
const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const link = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
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
    zh: '审计日志，最新的在前；before 为上一页最后一条的编号',
    en: 'The audit log, newest first; before is the id of the last record of the page before',
    access: ['audit:read'],
    query: v.strictObject({ before: v.optional(idText), limit: v.optional(limitText, '100') }),
    answer: v.object({ records: v.array(recordSchema) }),
    handle: async ({ query: { before, limit } }) => {
      const records = audit.read(before === undefined ? null : Number(before), Number(limit))
      return { ok: true, json: { records: [...records] } }
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
