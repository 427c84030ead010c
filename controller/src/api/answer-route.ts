import { BugError, parseWith, UsageError } from '@ankang/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import * as v from 'valibot'
import type { Admitted } from './doorkeeper.ts'
import type { Route, RouteAnswer, RouteRequest } from './route.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { sessionCookie } from './session-cookie.ts'

const NOTHING = v.optional(v.strictObject({}))
/** What is sent with a change of which nothing needs saying may be left out, or be empty. */
const NO_BODY = v.nullish(v.strictObject({}))

export function clientOf(request: FastifyRequest) {
  return { address: request.ip, userAgent: request.headers['user-agent'] ?? '' }
}

function read<S extends v.GenericSchema>(schema: S, source: string, value: unknown): v.InferOutput<S> {
  return parseWith(schema, value, { code: 'request-invalid', source })
}

function readRequest(route: Route, request: FastifyRequest, { principal, held }: Admitted) {
  const client = clientOf(request)
  const asked: RouteRequest<unknown, unknown, unknown> = {
    principal,
    params: read(route.params ?? NOTHING, 'path', request.params),
    query: read(route.query ?? NOTHING, 'query', request.query),
    body: read(route.body ?? NO_BODY, 'body', request.body),
    remoteAddress: client.address,
  }
  return typeof route.access === 'string' ? { ...asked, session: { client, held } } : asked
}

function send(route: Route, reply: FastifyReply, answer: RouteAnswer<unknown>): FastifyReply {
  if (answer.cookie !== undefined) reply.header('set-cookie', sessionCookie(answer.cookie))
  if (answer.ok) return reply.type(route.media ?? 'application/json; charset=utf-8').send(answer.json)
  const { status, error, message, retryMs } = answer
  if (retryMs !== undefined) reply.header('retry-after', String(Math.ceil(retryMs / 1000)))
  return reply.code(status).send({ error, message })
}

/** Asks a route for somebody who was let in, and sends what it says. */
export async function answerRoute(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  admitted: Admitted,
): Promise<FastifyReply> {
  let asked: RouteRequest<unknown, unknown, unknown>
  try {
    asked = readRequest(route, request, admitted)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return reply.code(400).send({ error: error.code, message: error.message })
  }
  const answer = await route.handle(asked)
  if (!answer.ok || route.takeOver === undefined) return send(route, reply, answer)
  if (admitted.principal === null)
    throw new BugError('principal-missing', `expected somebody known on ${route.path}, whose line stays open`)
  reply.hijack()
  const { actor } = admitted.principal
  route.takeOver({ response: reply.raw, headers: SECURITY_HEADERS, mayGoOn: admitted.mayGoOn, actor })
  return reply
}
