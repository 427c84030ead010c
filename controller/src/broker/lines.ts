import { type Refusal, refuse } from '../refusals.ts'
import type { BrokerLimits } from './broker-limits.ts'
import { type Caller, callerName } from './caller.ts'
import type { Allowances, GuardedConnection } from './guarded-connection.ts'
import { TokenBucket } from './token-bucket.ts'

/** All lines that speak MQTT, and what their callers may still use. */
export class Lines {
  readonly #limits: BrokerLimits
  readonly #tickMs: () => number
  readonly #lines = new Set<GuardedConnection>()
  /** By the caller's name. */
  readonly #known = new Map<string, Set<GuardedConnection>>()
  /** By caller, kept when it goes: whoever comes again at once has what it left. */
  readonly #allowances = new Map<string, Allowances>()

  constructor(limits: BrokerLimits, tickMs: () => number) {
    this.#limits = limits
    this.#tickMs = tickMs
  }

  add(line: GuardedConnection): void {
    this.#lines.add(line)
    line.once('close', () => {
      this.#lines.delete(line)
      if (line.caller !== null) this.#forget(callerName(line.caller), line)
    })
  }

  /** Null where it may; else why not. */
  admit(line: GuardedConnection, caller: Caller): Refusal | null {
    const { linesPerToken } = this.#limits
    const name = callerName(caller)
    const there = this.#known.get(name) ?? new Set<GuardedConnection>()
    if (caller.kind === 'tool' && there.size >= linesPerToken)
      return refuse('too-many-connections', `expected at most ${linesPerToken} lines with one token`)
    this.#known.set(name, there.add(line))
    line.admit(caller, this.#limits[caller.kind], this.#allowancesOf(name, caller))
    return null
  }

  /** Who is on a line under that client id of a device. */
  callerOf(device: string): Caller | null {
    const [line] = this.#known.get(device) ?? []
    return line?.caller ?? null
  }

  /** Whether that device is on a line now. */
  isConnected(device: string): boolean {
    for (const { caller, isOpen } of this.#known.get(device) ?? []) if (isOpen && caller?.kind === 'device') return true
    return false
  }

  /** Ends a device's lines. `why` may depend on the certificate it came with. */
  cutDevice(device: string, why: (fingerprint: Uint8Array) => Refusal): void {
    for (const line of this.#known.get(device) ?? [])
      if (line.caller?.kind === 'device') line.cut(why(line.caller.fingerprint))
  }

  /** Ends what is overdue, what came with a certificate that is not valid any more, and tools whose token is withdrawn. */
  sweep(wallMs: number): void {
    for (const line of this.#lines) {
      const refusal = line.overdue() ?? this.#outOfDate(line.caller, wallMs)
      if (refusal !== null) line.cut(refusal)
    }
  }

  #outOfDate(caller: Caller | null, wallMs: number): Refusal | null {
    if (caller?.kind === 'device' && wallMs >= caller.notAfterMs)
      return refuse('certificate-expired', 'its certificate ran out while it was connected')
    if (caller?.kind === 'tool' && !caller.isGood())
      return refuse('token-bad', 'its token ran out or was withdrawn while it was connected')
    return null
  }

  #forget(name: string, line: GuardedConnection): void {
    const there = this.#known.get(name)
    there?.delete(line)
    if (there?.size === 0) this.#known.delete(name)
  }

  #allowancesOf(name: string, { kind }: Caller): Allowances {
    const known = this.#allowances.get(name)
    if (known !== undefined) return known
    const { packets, bytes } = this.#limits[kind]
    const nowMs = this.#tickMs()
    const fresh = { packets: new TokenBucket(packets, nowMs), bytes: new TokenBucket(bytes, nowMs) }
    this.#allowances.set(name, fresh)
    return fresh
  }
}
