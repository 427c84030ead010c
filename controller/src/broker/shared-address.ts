import { isIPv6 } from 'node:net'

const GROUPS = 8
/** Of a network that one household or host has. Source: RFC 6177. */
const NETWORK_GROUPS = 4

/**
 * Whom a line shares its turns with: its IPv4 address, or the /64 it comes from, whose every address one host may take.
 * Source: RFC 4291 §2.2 on how IPv6 is written.
 */
export function sharedAddress(remote: string | undefined): string {
  const address = (remote ?? 'gone').replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length)
  const groups = [...before, ...Array<string>(gap).fill('0'), ...after]
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`
}
