import { parseCookie, stringifySetCookie } from 'cookie'
import type { CookieChange } from './route.ts'

/**
 * The prefix makes browsers insist on Secure, on Path=/ and on no Domain: no neighbour can set it. Source: RFC 6265bis §4.1.3.2.
 */
export const SESSION_COOKIE = '__Host-ankang'
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** The token in a Cookie header; null where there is none, or what cannot be one. */
export function readSessionCookie(header: string | undefined): string | null {
  const value = header === undefined ? undefined : parseCookie(header)[SESSION_COOKIE]
  return value !== undefined && TOKEN.test(value) ? value : null
}

/** A Set-Cookie header. It ends with the browser; how long a session lives is the centre's to say. */
export function sessionCookie(change: CookieChange): string {
  const kept = { httpOnly: true, secure: true, sameSite: 'strict', path: '/' } as const
  return change === 'forget'
    ? stringifySetCookie(SESSION_COOKIE, '', { ...kept, maxAge: 0 })
    : stringifySetCookie(SESSION_COOKIE, change.token, kept)
}
