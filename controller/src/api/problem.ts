import * as v from 'valibot'
import { DOOR_REFUSALS, type DoorRefusal } from './doorkeeper.ts'

/** How every refusal and every fault is answered. */
export const problemSchema = v.object({
  error: v.pipe(v.string(), v.description('固定的代码 a literal code')),
  message: v.pipe(v.string(), v.description('给人读的说明 words for a person')),
})
export type Problem = v.InferOutput<typeof problemSchema>

export const DOOR_WORDS: Readonly<Record<DoorRefusal, string>> = {
  'cross-site': '不接受来自其他网站的更改 · a change from another site’s page is not taken',
  'too-many-requests': '请求太多，请稍后再试 · too many requests; try again later',
  'not-logged-in': '请先登录，或出示令牌 · log in, or show a token as Authorization: Bearer …',
  'log-in-unfinished': '登录尚未完成 · the log-in is not complete; GET /api/session says what is wanted',
  'csrf-wrong': '缺少或不符的 x-csrf-token · x-csrf-token is missing or wrong; GET /api/session gives it',
  'not-permitted': '您的角色不能这样做 · your role may not do this',
}

/** What is wrong with a request itself, by the code of the fault that fastify or Node found. */
const REQUEST_FAULTS: Readonly<Record<string, Problem & { readonly status: number }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, error: 'body-too-large', message: '内容太大 · the body is too large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    error: 'json-expected',
    message: '只接受 JSON · expected content-type: application/json',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, error: 'json-invalid', message: '内容为空 · expected JSON, got nothing' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, error: 'json-invalid', message: '不是 JSON · expected JSON' },
  FST_ERR_BAD_URL: { status: 400, error: 'path-invalid', message: '地址无法解读 · the path cannot be decoded' },
  HPE_HEADER_OVERFLOW: { status: 431, error: 'headers-too-large', message: '请求头太大 · the headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, error: 'too-slow', message: '请求太慢 · the request took too long' },
}
const UNREADABLE = {
  status: 400,
  error: 'request-invalid',
  message: '请求无法解读 · the request cannot be read',
} as const

/** Of a fault found before a handler ran; null when it is none of those. */
export function requestFault(error: { readonly code?: unknown; readonly statusCode?: unknown }) {
  const { code, statusCode } = error
  const known = typeof code === 'string' && Object.hasOwn(REQUEST_FAULTS, code) ? REQUEST_FAULTS[code] : undefined
  if (known !== undefined) return known
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? UNREADABLE : null
}

/** Of what could not be read as a request at all. */
export function unreadableFault(error: { readonly code?: unknown }): Problem & { readonly status: number } {
  return requestFault(error) ?? UNREADABLE
}

export function doorProblem(error: DoorRefusal): Problem & { readonly status: number } {
  return { status: DOOR_REFUSALS[error], error, message: DOOR_WORDS[error] }
}
