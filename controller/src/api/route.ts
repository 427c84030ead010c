import type * as v from 'valibot'
import type { Permission, Principal } from '../people/principal.ts'

/**
 * Who may call a route: `public` anybody, `session` whoever is logging in or logged in, else a principal with at least one
 * of the permissions. There is no default.
 */
export type RouteAccess = 'public' | 'session' | readonly Permission[]

export interface RouteRequest<Body, Query, Params> {
  /** Null on public and session routes. */
  readonly principal: Principal | null
  readonly body: Body
  readonly query: Query
  readonly params: Params
  /** The far side's address, for limits and the audit log. */
  readonly remoteAddress: string
}

/** What a handler answers. A refusal is a value; anything thrown is a fault. */
export type RouteAnswer<Answer> =
  | { readonly ok: true; readonly json: Answer }
  | {
      readonly ok: false
      readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 503
      /** A literal code; the API description lists them. */
      readonly error: string
      readonly message: string
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
  /** Codes of refusals it may give, beside those every route has. */
  readonly refusals?: readonly string[]
  handle(
    request: RouteRequest<v.InferOutput<Body>, v.InferOutput<Query>, v.InferOutput<Params>>,
  ): Promise<RouteAnswer<v.InferInput<Answer>>>
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
