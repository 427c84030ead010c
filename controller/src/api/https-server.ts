import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { BugError, describeError } from '@ankang/protocol'
import fastify, {
  type FastifyContextConfig,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Log } from '../log.ts'
import { type ListenAddress, listenOnFreePort } from '../port-fallback.ts'
import { servePage } from '../web/page.ts'
import { answerRoute, clientOf } from './answer-route.ts'
import { type Admitted, Doorkeeper, type DoorkeeperParts } from './doorkeeper.ts'
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts'
import { doorProblem, requestFault, unreadableFault } from './problem.ts'
import type { Route } from './route.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { sessionCookie } from './session-cookie.ts'
import {
  boundConnections,
  notAfterMs,
  replaceCertificate,
  type ServerCertificate,
  tlsServerOptions,
} from './tls-server.ts'

export interface HttpsServerParts extends Omit<DoorkeeperParts, 'limits'> {
  /** Everything there is beside the page's own files. */
  readonly routes: readonly Route[]
  /** Whether those are served; they are where it is left out. */
  readonly hasPage?: boolean
  readonly certificate: ServerCertificate
  readonly log: Log
  /** Told of every answer. `path` is the route's, `page` for a file of the page, `none` for what there is not. */
  readonly onAnswer?: (answer: { readonly method: string; readonly path: string; readonly status: number }) => void
  readonly limits?: Partial<HttpLimits>
}

export interface HttpsServer {
  /** https://host:port/ as bound. Throws `port-taken`, `listen-failed`. */
  listen(address: ListenAddress): Promise<string>
  /** For handshakes from now on. Throws what is wrong with it, and goes on with the one before. */
  replaceCertificate(certificate: ServerCertificate): void
  /** Of the certificate it shows now. */
  certificateNotAfterMs(): number
  /** Ends what is open. */
  close(): Promise<void>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the API. */
    route?: Route
    /** A file of the page. */
    page?: boolean
  }
}

interface AddedRoute {
  readonly url: string
  readonly config?: FastifyContextConfig
}

/** What is known of a request beside itself: its route, or that it is for a file of the page. */
type Purpose = { readonly route: Route } | { readonly page: true }

const NO_STORE = 'no-store'
const PUBLIC_FILES: Purpose = { page: true }

function purposeIn(config: FastifyContextConfig | undefined): Purpose | null {
  if (config?.route !== undefined) return { route: config.route }
  return config?.page === true ? PUBLIC_FILES : null
}

function undeclaredRoute(path: string): BugError {
  return new BugError('route-undeclared', `${path}: expected a Route that says who may call it`)
}

/** Node found no request in what came: there is nobody to answer but the socket. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const { status, ...problem } = unreadableFault(error)
  const body = JSON.stringify(problem)
  const head = `HTTP/1.1 ${status} Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`
  socket.end(head + body, () => socket.destroy())
}

function newServer(certificate: ServerCertificate, limits: HttpLimits) {
  return fastify({
    https: tlsServerOptions(certificate, limits),
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      const { status, ...problem } = unreadableFault(error)
      return reply.headers(SECURITY_HEADERS).code(status).send(problem)
    },
  })
}

class ServerParts {
  readonly #parts: HttpsServerParts
  readonly #limits: HttpLimits
  readonly #doorkeeper: Doorkeeper
  readonly #admitted = new WeakMap<FastifyRequest, Admitted>()

  constructor(parts: HttpsServerParts, limits: HttpLimits) {
    this.#parts = parts
    this.#limits = limits
    this.#doorkeeper = new Doorkeeper({ ...parts, limits })
  }

  async addTo(server: FastifyInstance<Server>): Promise<void> {
    server.removeContentTypeParser('text/plain')
    const added: AddedRoute[] = []
    server.addHook('onRoute', route => {
      added.push(route as AddedRoute) // as it stands when all are added: a plugin may still mark it
    })
    server.addHook('onRequest', async (request, reply) => this.#receive(request, reply))
    server.addHook('onResponse', async (request, reply) => this.#count(request, reply))
    this.#answerFaults(server)
    for (const route of this.#parts.routes) this.#addRoute(server, route)
    if (this.#parts.hasPage !== false) await server.register(servePage)
    await server.ready()
    const undeclared = added.find(({ config }) => purposeIn(config) === null)
    if (undeclared !== undefined) throw undeclaredRoute(undeclared.url)
  }

  #addRoute(server: FastifyInstance<Server>, route: Route): void {
    const { bodyBytes, publicBodyBytes } = this.#limits
    server.route({
      method: route.method,
      url: route.path,
      config: { route },
      bodyLimit: route.access === 'public' ? publicBodyBytes : bodyBytes,
      handler: (request, reply) => {
        const admitted = this.#admitted.get(request)
        if (admitted === undefined) throw new BugError('not-admitted', `${route.path}: nobody was let in`)
        return answerRoute(route, request, reply, admitted)
      },
    })
  }

  /** Before anything of a body is read. */
  async #receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    reply.headers(SECURITY_HEADERS)
    if (request.is404) return
    const purpose = purposeIn(request.routeOptions.config)
    if (purpose !== null && 'page' in purpose) return
    reply.header('cache-control', NO_STORE)
    if (purpose === null) throw undeclaredRoute(request.routeOptions.url ?? '')
    const { method, headers } = request
    const admission = this.#doorkeeper.admit(purpose.route, { method, headers, client: clientOf(request) })
    if (admission.ok) {
      this.#admitted.set(request, admission)
      return
    }
    const { status, ...problem } = doorProblem(admission.error)
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="ankang"')
    if (status === 429) {
      reply.header('retry-after', '10')
      // whoever asks without pause waits for each answer; their number is bounded by their connections
      await delay(this.#limits.turnedAwayMs, undefined, { ref: false })
    }
    if (admission.forget) reply.header('set-cookie', sessionCookie('forget'))
    return reply.code(status).send(problem)
  }

  #count(request: FastifyRequest, reply: FastifyReply): void {
    const purpose = request.is404 ? null : purposeIn(request.routeOptions.config)
    const path = purpose === null ? 'none' : 'page' in purpose ? 'page' : purpose.route.path
    // a method is whatever a stranger calls it
    const method = purpose === null ? 'other' : request.method
    this.#parts.onAnswer?.({ method, path, status: reply.statusCode })
  }

  #answerFaults(server: FastifyInstance<Server>): void {
    server.setErrorHandler((error, request, reply) => {
      const fault = requestFault(error as { readonly code?: unknown; readonly statusCode?: unknown })
      if (fault !== null) {
        const { status, ...problem } = fault
        return reply.code(status).send(problem)
      }
      const { method } = request
      const path = request.routeOptions.url ?? 'none'
      this.#parts.log.error({ method, path, detail: describeError(error) }, 'a request failed')
      return reply.code(500).send({
        error: 'fault',
        message: '中心出了故障，日志里有原因 · this controller could not answer; its log says why',
      })
    })
    server.setNotFoundHandler((_request, reply) =>
      reply.code(404).header('cache-control', NO_STORE).send({
        error: 'not-found',
        message: '没有这个地址 · there is nothing here; GET /api/openapi.json lists what there is',
      }),
    )
  }
}

/** API and page over HTTPS, not yet listening. What is not declared as a route does not exist, and no route is open by accident. */
export async function buildHttpsServer(parts: HttpsServerParts): Promise<HttpsServer> {
  const limits = { ...HTTP_LIMITS, ...parts.limits }
  let { certificate } = parts
  const server = newServer(certificate, limits)
  boundConnections(server.server, limits)
  await new ServerParts(parts, limits).addTo(server)
  return {
    listen: async address => {
      const { host } = address
      return `${await listenOnFreePort('https', address, port => server.listen({ host, port }))}/`
    },
    replaceCertificate: renewed => {
      replaceCertificate(server.server, renewed)
      certificate = renewed
    },
    certificateNotAfterMs: () => notAfterMs(certificate),
    close: () => server.close(),
  }
}
