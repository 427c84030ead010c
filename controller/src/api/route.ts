import type { ServerResponse } from 'node:http'
import type * as v from 'valibot'
import type { Client } from '../people/client.ts'
import type { Permission, Principal } from '../people/principal.ts'
import type { SessionView } from '../people/session-view.ts'

/**
 * Who may call a route: `public` anybody, `session` whoever is logging in or logged in, else a principal with at least one
 * of the permissions. There is no default.
 */
export type RouteAccess = 'public' | 'session' | readonly Permission[]

/** A session that was shown and is alive, at whatever stage. */
export interface HeldSession {
  readonly token: string
  readonly view: SessionView
}

/** What the routes of sessions themselves need to know. */
export interface SessionRequest {
  readonly client: Client
  /** Null where none was shown, or one that is over. Never null on session routes. */
  readonly held: HeldSession | null
}

export interface RouteRequest<Body, Query, Params> {
  /** Null on public and session routes. */
  readonly principal: Principal | null
  readonly body: Body
  readonly query: Query
  readonly params: Params
  /** The far side's address, for limits and the audit log. */
  readonly remoteAddress: string
  /** On public and session routes alone. */
  readonly session?: SessionRequest
}

/** A session's cookie: a new token, or to be forgotten. */
export type CookieChange = { readonly token: string } | 'forget'

/** What a handler answers. A refusal is a value; anything thrown is a fault. */
export type RouteAnswer<Answer> =
  | { readonly ok: true; readonly json: Answer; readonly cookie?: CookieChange }
  | {
      readonly ok: false
      readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 503
      /** A literal code; the API description lists them. */
      readonly error: string
      readonly message: string
      /** When asking again makes sense. */
      readonly retryMs?: number
      readonly cookie?: CookieChange
    }

/** Other than JSON; the answer is the text then. */
export type RouteMedia = 'text/plain; version=0.0.4; charset=utf-8' | 'text/event-stream'

/** A response that stays open. */
export interface OpenLine {
  readonly response: ServerResponse
  readonly headers: Readonly<Record<string, string>>
  /** Whether whoever opened it may still read. */
  readonly mayGoOn: () => boolean
  /** As the audit log names whoever opened it. */
  readonly actor: string
}

/**
 * One call of the API as data: the server, its access control, the matrix of roles and the API description are all made
 * from the list of these.
 */
export interface Route<
  Body extends v.GenericSchema = v.GenericSchema,
  Query extends v.GenericSchema = v.GenericSchema,
  Params extends v.GenericSchema = v.GenericSchema,
  Answer extends v.GenericSchema = v.GenericSchema,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` for parameters. */
  readonly path: string
  readonly zh: string
  readonly en: string
  readonly access: RouteAccess
  readonly body?: Body
  readonly query?: Query
  readonly params?: Params
  readonly answer: Answer
  /** Left out: JSON. */
  readonly media?: RouteMedia
  /** Codes of refusals it may give, beside those every route has. */
  readonly refusals?: readonly string[]
  handle(
    request: RouteRequest<v.InferOutput<Body>, v.InferOutput<Query>, v.InferOutput<Params>>,
  ): Promise<RouteAnswer<v.InferInput<Answer>>>
  /** Where `handle` has said yes, the response is this one's from here on, headers included. */
  readonly takeOver?: (line: OpenLine) => void
}

/** Checks a route's types where it is written, and lets it stand in a list with others. */
export function route<
  Body extends v.GenericSchema,
  Query extends v.GenericSchema,
  Params extends v.GenericSchema,
  Answer extends v.GenericSchema,
>(one: Route<Body, Query, Params, Answer>): Route {
  return one as unknown as Route
}
