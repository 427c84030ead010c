import { isIPv6 } from 'node:net'
import { sha256, utf8 } from '@ankang/protocol'

/** Who is at the other end of a request. */
export interface Client {
  readonly address: string
  readonly userAgent: string
}

const HALF_BYTES = 16
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** The first four groups of an IPv6 address. */
function network(address: string): string {
  const [before = '', after] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const groups = (text: string | undefined) => (text === undefined || text === '' ? [] : text.split(':'))
  const [head, tail] = [groups(before), groups(after)]
  const whole =
    after === undefined ? head : [...head, ...Array(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
  return `${whole
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/** What counts as one place: an IPv4 address, or the /64 of an IPv6 one, within which machines change theirs daily. */
export function placeOf(address: string): string {
  const mapped = MAPPED.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  return isIPv6(address) ? network(address) : address.slice(0, 64)
}

/** Ties a session to where it was begun: hash of the place ‖ hash of the user agent, both salted with the session's token. */
export function bindingOf(token: string, { address, userAgent }: Client): Uint8Array {
  const half = (text: string) => sha256(utf8(`${token} ${text}`)).subarray(0, HALF_BYTES)
  return new Uint8Array([...half(placeOf(address)), ...half(userAgent)])
}

/** Which half of a binding is another. */
export function bindingDifference(
  bound: Uint8Array,
  now: Uint8Array,
): { readonly place: boolean; readonly userAgent: boolean } {
  const differs = (from: number, to: number) => Buffer.compare(bound.subarray(from, to), now.subarray(from, to)) !== 0
  return { place: differs(0, HALF_BYTES), userAgent: differs(HALF_BYTES, bound.length) }
}
