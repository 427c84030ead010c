import {
  BugError,
  ENROLMENT_REFUSALS,
  type EnrolmentRefusal,
  enrolmentAnchors,
  enrolmentAnswer,
  enrolmentRequest,
  isTopicId,
  renewalRequest,
} from '@ankang/protocol'
import * as v from 'valibot'
import { type Route, type RouteRequest, route } from '../api/route.ts'
import { purposeSchema } from '../audit/purpose.ts'
import { codeAsSvg } from './code-picture.ts'
import { CODE_MINUTES, type EnrolmentDesk } from './enrolment-desk.ts'
import { ENROLMENT_WORDS, type EnrolmentOutcome } from './enrolment-outcome.ts'
import type { RevocationOutcome } from './revoke-device.ts'

interface EnrolmentRouteParts {
  readonly desk: EnrolmentDesk
  readonly revoke: (revocation: {
    readonly device: string
    readonly reason: string
    readonly actor: string
  }) => RevocationOutcome
}

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0))
const topicId = v.pipe(v.string(), v.check(isTopicId, 'expected an id of a-z, 0-9 and -'))
const ofDevice = v.strictObject({ device: topicId })
const nothing = v.strictObject({})

const STATUS: Readonly<Record<EnrolmentRefusal, 400 | 403 | 404 | 409 | 429>> = {
  'code-unknown': 403,
  'code-used': 409,
  'code-expired': 403,
  'code-of-another-device': 403,
  'too-many-tries': 429,
  'csr-invalid': 400,
  'countersignature-bad': 403,
  'device-unknown': 404,
  'device-revoked': 403,
  'wrong-key': 403,
}

function answerOf(outcome: EnrolmentOutcome) {
  return outcome.ok
    ? ({ ok: true, json: outcome.answer } as const)
    : ({ ok: false, status: STATUS[outcome.reason], error: outcome.reason, message: outcome.detail } as const)
}

function actorOf({ principal }: Pick<RouteRequest<unknown, unknown, unknown>, 'principal'>): string {
  if (principal === null)
    throw new BugError('principal-missing', 'expected a route with permissions to have a principal')
  return principal.actor
}

function anchors({ desk }: EnrolmentRouteParts): Route {
  return route({
    method: 'GET',
    path: '/enrolment/anchors',
    zh: '根证书与信任文件；入网码中的校验值相符时才可相信',
    en: 'The authority’s certificate and the trust file; to be believed only when an enrolment code’s pin fits both',
    access: 'public',
    answer: enrolmentAnchors,
    refusals: ['too-many-tries'],
    handle: async ({ remoteAddress }) => {
      const json = await desk.anchors(remoteAddress)
      return json === null
        ? { ok: false, status: 429, error: 'too-many-tries', message: ENROLMENT_WORDS['too-many-tries'] }
        : { ok: true, json }
    },
  })
}

function enrol({ desk }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: '/enrolment',
    zh: '设备凭一次性入网码换取证书',
    en: 'A box’s certificate for a one-time code',
    access: 'public',
    body: enrolmentRequest,
    answer: enrolmentAnswer,
    refusals: ENROLMENT_REFUSALS,
    handle: async ({ body, remoteAddress }) => answerOf(await desk.redeem(body, remoteAddress)),
  })
}

function renew({ desk }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: '/enrolment/renewal',
    zh: '已入网设备换领新证书，由其设备密钥签名',
    en: 'A further certificate for an enrolled box, on the word of its device key',
    access: 'public',
    body: renewalRequest,
    answer: enrolmentAnswer,
    refusals: ENROLMENT_REFUSALS.filter(refusal => !refusal.startsWith('code-')),
    handle: async ({ body, remoteAddress }) => answerOf(await desk.renew(body, remoteAddress)),
  })
}

function createCode({ desk }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/enrolment-codes',
    zh: '为一个站点的一台设备生成一次性入网码，只显示这一次；同一设备此前未用的码随之作废；已入网且未吊销的设备不能生成',
    en: 'A one-time code for one device of one site, shown this once; an unused one of the same device is withdrawn. None for a device that is enrolled and not revoked',
    access: ['device:enrol'],
    body: v.strictObject({
      site: topicId,
      device: topicId,
      minutes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(CODE_MINUTES.most))),
    }),
    answer: v.object({
      site: v.string(),
      device: v.string(),
      typed: v.string(),
      qr: v.string(),
      qrSvg: v.string(),
      expiresMs: timeMs,
    }),
    refusals: ['device-elsewhere', 'device-enrolled'],
    handle: async ({ body, ...request }) => {
      const created = await desk.createCode({ ...body, createdBy: actorOf(request) })
      return created.ok
        ? { ok: true, json: { ...created.code, qrSvg: await codeAsSvg(created.code.qr) } }
        : { ok: false, status: 409, error: created.error, message: created.detail }
    },
  })
}

function listCodes({ desk }: EnrolmentRouteParts): Route {
  return route({
    method: 'GET',
    path: '/api/enrolment-codes',
    zh: '入网码清单，不含码本身',
    en: 'The codes that were made, without the codes themselves',
    access: ['device:enrol'],
    answer: v.object({
      codes: v.array(
        v.object({
          site: v.string(),
          device: v.string(),
          createdMs: timeMs,
          createdBy: v.string(),
          expiresMs: timeMs,
          usedMs: v.nullable(timeMs),
        }),
      ),
    }),
    handle: async () => ({
      ok: true,
      json: { codes: desk.listCodes().map(({ secretHash: _, mayReplace: __, ...code }) => code) },
    }),
  })
}

function withdrawCode({ desk }: EnrolmentRouteParts): Route {
  return route({
    method: 'DELETE',
    path: '/api/enrolment-codes/:device',
    zh: '撤回一台设备未用的入网码',
    en: 'Withdraws the unused code of a device',
    access: ['device:enrol'],
    params: ofDevice,
    answer: nothing,
    refusals: ['code-unknown'],
    handle: async ({ params, ...request }) =>
      desk.withdrawCode(params.device, actorOf(request))
        ? { ok: true, json: {} }
        : { ok: false, status: 404, error: 'code-unknown', message: '该设备没有未用的入网码 · it has no unused code' },
  })
}

function revocation({ revoke }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: '/api/devices/:device/revocation',
    zh: '吊销设备：立即断线，最后一个签名头之后的记录隔离；其密钥不再可用',
    en: 'Revokes a device: its line is cut at once, records past its last signed head are kept apart, its keys are dead',
    access: ['device:revoke'],
    params: ofDevice,
    body: v.strictObject({ reason: purposeSchema }),
    answer: v.object({ device: v.string(), revoked: v.object({ timeMs, reason: v.string() }) }),
    refusals: ['device-unknown', 'device-revoked'],
    handle: async ({ params: { device }, body, ...request }) => {
      const outcome = revoke({ device, reason: body.reason, actor: actorOf(request) })
      if (outcome.ok) {
        const { timeMs, reason } = outcome.revoked
        return { ok: true, json: { device, revoked: { timeMs, reason } } }
      }
      const status = outcome.error === 'device-unknown' ? 404 : 409
      return { ok: false, status, error: outcome.error, message: outcome.detail }
    },
  })
}

/** Everything about becoming, being and ceasing to be one of our devices. */
export function enrolmentRoutes(parts: EnrolmentRouteParts): readonly Route[] {
  const all = [anchors, enrol, renew, createCode, listCodes, withdrawCode, revocation]
  return all.map(make => make(parts))
}
