import { isIPv6 } from 'node:net'
import { TokenBucket } from '../broker/token-bucket.ts'

interface AttemptAllowance {
  readonly burst: number
  readonly perSecond: number
}

/** All limits of enrolment in one place. */
export interface EnrolmentLimits {
  /** Of everybody together: what the centre does for strangers, and how fast its audit log can be made to grow. */
  readonly everybody: AttemptAllowance
  /** Of one address, which may be a whole site behind one router. */
  readonly address: AttemptAllowance
  /** A wrong code costs its address this much more. */
  readonly guess: number
  /** Certificates of one device. */
  readonly certificates: AttemptAllowance
  /** Names remembered; the one that was longest quiet is forgotten first. */
  readonly remembered: number
}

export const ENROLMENT_LIMITS: EnrolmentLimits = {
  everybody: { burst: 600, perSecond: 3 },
  address: { burst: 240, perSecond: 1 },
  guess: 20,
  certificates: { burst: 6, perSecond: 1 / 3600 },
  remembered: 4096,
}

/** One allowance for each name. */
export class KeyedBuckets {
  readonly #allowance: AttemptAllowance
  readonly #remembered: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(allowance: AttemptAllowance, remembered: number) {
    this.#allowance = allowance
    this.#remembered = remembered
  }

  /** False, and nothing spent, when nothing is left. */
  spend(name: string, amount: number, nowMs: number): boolean {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(this.#allowance, nowMs)
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > this.#remembered && oldest !== undefined) this.#buckets.delete(oldest)
    if (bucket.waitMs(nowMs) > 0) return false
    bucket.spend(amount, nowMs)
    return true
  }
}

/** Whom an address stands for: whoever has one IPv6 address has the 2^64 beside it. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [front = '', back] = plain.split('::')
  const groups = front === '' ? [] : front.split(':')
  const behind = back === undefined || back === '' ? [] : back.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - behind.length) }, () => '0')
  const all = back === undefined ? groups : [...groups, ...zeros, ...behind]
  return all
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** How often strangers may try. */
export class AttemptLimits {
  readonly #limits: EnrolmentLimits
  readonly #everybody: TokenBucket
  readonly #addresses: KeyedBuckets
  readonly #certificates: KeyedBuckets
  readonly #nowMs: () => number

  constructor(nowMs: () => number, limits: EnrolmentLimits = ENROLMENT_LIMITS) {
    this.#limits = limits
    this.#nowMs = nowMs
    this.#everybody = new TokenBucket(limits.everybody, nowMs())
    this.#addresses = new KeyedBuckets(limits.address, limits.remembered)
    this.#certificates = new KeyedBuckets(limits.certificates, limits.remembered)
  }

  /** Whether this address may try now. */
  mayTry(remoteAddress: string): boolean {
    const now = this.#nowMs()
    // its own limit first: who is stopped there takes nothing from the others
    if (!this.#addresses.spend(networkOf(remoteAddress), 1, now)) return false
    if (this.#everybody.waitMs(now) > 0) return false
    this.#everybody.spend(1, now)
    return true
  }

  /** It tried a code that nobody gave it. */
  guessed(remoteAddress: string): void {
    this.#addresses.spend(networkOf(remoteAddress), this.#limits.guess, this.#nowMs())
  }

  /** Whether a device that has proven its key may have one more certificate. */
  mayCertify(device: string): boolean {
    return this.#certificates.spend(device, 1, this.#nowMs())
  }
}
