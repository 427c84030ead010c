import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a change comes from another site's page. A browser says where a request was made, in one header or both; a program says
 * nothing and is believed, since it holds no browser's cookie. Source: Fetch Metadata, W3C; RFC 6454 §7.
 */
export function isCrossSite({ 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin') return true
  return origin !== undefined && origin !== `https://${host ?? ''}`
}
