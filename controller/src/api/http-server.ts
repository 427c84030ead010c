import { describeError, UsageError } from '@ankang/protocol'
import fastify, { type FastifyInstance } from 'fastify'
import type { Fleet } from '../fleet/fleet.ts'
import type { LiveFeed } from '../fleet/live-feed.ts'
import type { Log } from '../log.ts'
import type { Tallies } from '../store/tally.ts'
import { servePage } from '../web/page.ts'
import { EventStream } from './event-stream.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

const DEFAULT_SHOWINGS = 50
const MAX_SHOWINGS = 500

interface HttpServerParts {
  readonly fleet: Fleet
  readonly tallies: Tallies
  readonly feed: LiveFeed
  /** Null while the store takes records, else why it does not. */
  readonly storeFault: () => string | null
  readonly refused: () => Readonly<Record<string, number>>
  readonly log: Log
}

function parseLimit(query: unknown): number {
  const text = typeof query === 'object' && query !== null && 'limit' in query ? query.limit : undefined
  const limit = text === undefined ? DEFAULT_SHOWINGS : Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_SHOWINGS) return limit
  throw new UsageError(
    'limit-invalid',
    `limit: expected a whole number from 1 to ${MAX_SHOWINGS}, as in /api/showings?limit=50`,
  )
}

function answerErrors(server: FastifyInstance, log: Log): void {
  server.setErrorHandler((error, request, reply) => {
    if (error instanceof UsageError) return reply.code(400).send({ error: error.code, message: error.message })
    log.error({ path: request.url.slice(0, 200), detail: describeError(error) }, 'a request failed')
    return reply.code(500).send({ error: 'fault', message: 'this controller could not answer; its log says why' })
  })
  server.setNotFoundHandler((request, reply) => {
    const message = `nothing at ${request.url.slice(0, 200)}; there is /, /api/summary, /api/devices, /api/showings, /api/events, /healthz`
    return reply.code(404).send({ error: 'not-found', message })
  })
}

/** API and page, not yet listening. All reading: nothing can be changed from here. */
export async function buildHttpServer(parts: HttpServerParts): Promise<FastifyInstance> {
  const { fleet, tallies, feed, log } = parts
  const server = fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true })
  const stream = new EventStream(feed)
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS)
  })
  server.addHook('preClose', async () => stream.close())
  answerErrors(server, log)

  const noStore = { 'cache-control': 'no-store' }
  server.get('/healthz', (_request, reply) => {
    const storeFault = parts.storeFault()
    return reply
      .code(storeFault === null ? 200 : 503)
      .headers(noStore)
      .send({ ok: storeFault === null, storeFault, refused: parts.refused() })
  })
  server.get('/api/summary', (_request, reply) =>
    reply.headers(noStore).send({ ...tallies.total(), devices: fleet.deviceViews().length }),
  )
  server.get('/api/devices', (_request, reply) => reply.headers(noStore).send({ devices: fleet.deviceViews() }))
  server.get('/api/showings', (request, reply) =>
    reply.headers(noStore).send({ showings: fleet.newestShowings(parseLimit(request.query)) }),
  )
  server.get('/api/events', (_request, reply) => {
    if (!stream.hasRoomFor('')) {
      const message = 'too many pages are watching; close one, or ask again later'
      return reply.code(503).header('retry-after', '10').send({ error: 'too-many-watchers', message })
    }
    reply.hijack()
    stream.add({ response: reply.raw, headers: SECURITY_HEADERS, mayGoOn: () => true, actor: '' })
    return reply
  })
  await server.register(servePage)
  return server
}
