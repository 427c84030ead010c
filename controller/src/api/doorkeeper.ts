import type { IncomingHttpHeaders } from 'node:http'
import type { Audit } from '../audit/audit.ts'
import { KeyedBuckets } from '../identity/attempt-limits.ts'
import { type Client, placeOf } from '../people/client.ts'
import type { People } from '../people/people.ts'
import { may, type Principal } from '../people/principal.ts'
import { isCsrfOf, principalOf } from '../people/session-view.ts'
import { isCrossSite } from './cross-site.ts'
import type { HttpLimits } from './http-limits.ts'
import type { HeldSession, Route } from './route.ts'
import { readSessionCookie } from './session-cookie.ts'

export interface DoorkeeperParts {
  readonly people: Pick<People, 'session'>
  /** Of a bearer token; null when it is not good. */
  readonly tokens: { principalOf(token: string): Principal | null }
  readonly audit: Audit
  readonly limits: HttpLimits
  readonly nowMs: () => number
}

/** Every refusal at the door, with the status it is given with. */
export const DOOR_REFUSALS = {
  'cross-site': 403,
  'too-many-requests': 429,
  'not-logged-in': 401,
  'log-in-unfinished': 401,
  'csrf-wrong': 403,
  'not-permitted': 403,
} as const
export type DoorRefusal = keyof typeof DOOR_REFUSALS

export interface Asking {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly client: Client
}

/** Who asks, once it is known that they may. */
export interface Admitted {
  readonly ok: true
  readonly principal: Principal | null
  readonly held: HeldSession | null
  /** Whether they still might, without keeping a session alive. */
  readonly mayGoOn: () => boolean
}

/** `forget`: a session was shown that is over, so its cookie may go. */
export type Admission = Admitted | { readonly ok: false; readonly error: DoorRefusal; readonly forget: boolean }

interface Shown {
  readonly bearer: string | null
  readonly cookie: string | null
}

/** `Bearer` without a token is a token, too, and a wrong one: it does not let a cookie in behind it. */
function shownIn({ authorization, cookie }: IncomingHttpHeaders): Shown {
  if (authorization === undefined) return { bearer: null, cookie: readSessionCookie(cookie) }
  return { bearer: /^Bearer +([\w-]+) *$/i.exec(authorization)?.[1] ?? '', cookie: null }
}

/**
 * Whether a page asks of its own accord, nobody having touched it: that keeps no session alive. A browser opens an event stream
 * again by itself, and cannot say so.
 */
function isBackground({ media }: Pick<Route, 'media'>, { headers }: Asking): boolean {
  return headers['x-background'] === '1' || media === 'text/event-stream'
}

/** Decides who gets to a route. What no route allows is refused. */
export class Doorkeeper {
  readonly #parts: DoorkeeperParts
  readonly #posts: KeyedBuckets
  readonly #refusals: KeyedBuckets

  constructor(parts: DoorkeeperParts) {
    const { publicPosts, auditedRefusals, remembered } = parts.limits
    this.#parts = parts
    this.#posts = new KeyedBuckets(publicPosts, remembered)
    this.#refusals = new KeyedBuckets(auditedRefusals, remembered)
  }

  admit(route: Pick<Route, 'method' | 'path' | 'access' | 'media'>, asking: Asking): Admission {
    const { access } = route
    const isChange = route.method !== 'GET'
    const refuse = (error: DoorRefusal, forget = false): Admission => ({ ok: false, error, forget })
    if (isChange && isCrossSite(asking.headers)) return refuse('cross-site')
    if (isChange && access === 'public' && !this.#posts.spend(placeOf(asking.client.address), 1, this.#parts.nowMs()))
      return refuse('too-many-requests')

    const shown = shownIn(asking.headers)
    const held = this.#heldBy(shown, asking.client, !isBackground(route, asking))
    const isOver = shown.cookie !== null && held === null
    if (access === 'public') return { ok: true, principal: null, held, mayGoOn: () => true }
    if (isChange && held !== null && !this.#hasCsrf(held, asking)) return refuse('csrf-wrong')
    if (access === 'session') {
      if (held === null) return refuse('not-logged-in', isOver)
      return { ok: true, principal: null, held, mayGoOn: () => this.#isAlive(held, asking.client) }
    }
    const principal = held === null ? this.#principalOf(shown) : principalOf(held.view)
    if (principal === null) return refuse(held === null ? 'not-logged-in' : 'log-in-unfinished', isOver)
    const isReadOnly = held === null // what a token may do is to look, whatever its role may do
    if ((isChange && isReadOnly) || !access.some(permission => may(principal, permission)))
      return this.#refuseNoted(route, principal, asking)
    return { ok: true, principal, held, mayGoOn: () => this.#mayStill(access, shown, asking.client) }
  }

  #heldBy({ cookie }: Shown, client: Client, touch: boolean): HeldSession | null {
    const view = cookie === null ? null : this.#parts.people.session(cookie, client, { touch })
    return cookie === null || view === null ? null : { token: cookie, view }
  }

  #principalOf({ bearer }: Shown): Principal | null {
    return bearer === null || bearer === '' ? null : this.#parts.tokens.principalOf(bearer)
  }

  #hasCsrf({ view }: HeldSession, { headers }: Asking): boolean {
    const given = headers['x-csrf-token']
    return typeof given === 'string' && isCsrfOf(view, given)
  }

  #isAlive({ token }: HeldSession, client: Client): boolean {
    return this.#parts.people.session(token, client, { touch: false }) !== null
  }

  #mayStill(access: Exclude<Route['access'], string>, shown: Shown, client: Client): boolean {
    const held = this.#heldBy(shown, client, false)
    const principal = held === null ? this.#principalOf(shown) : principalOf(held.view)
    return principal !== null && access.some(permission => may(principal, permission))
  }

  /** Whoever tries what is not theirs is written down, as often as a disk can bear. */
  #refuseNoted({ method, path }: Pick<Route, 'method' | 'path'>, principal: Principal, { client }: Asking): Admission {
    const { actor } = principal
    if (!this.#refusals.spend(actor, 1, this.#parts.nowMs()))
      return { ok: false, error: 'too-many-requests', forget: false }
    const detail = { error: 'not-permitted', role: principal.role, address: client.address }
    const about = { actor, action: 'api.refused', subject: `${method} ${path}`, purpose: null, ok: false }
    this.#parts.audit.append({ ...about, detail })
    return { ok: false, error: 'not-permitted', forget: false }
  }
}
