import type { EnrolmentRefusal } from '@ankang/protocol'
import type { Letter, LetterHandler } from './broker/postman.ts'
import type { Log } from './log.ts'

/** Of a message that arrived. Nothing is lost by it: a device keeps its records until a receipt names them. */
export type MessageRefusal =
  | 'unknown-topic'
  | 'unknown-device'
  | 'wrong-site'
  | 'malformed'
  | 'foreign-device'
  | 'wrong-key'
  | 'not-proven'
  | 'unknown-order'
  | 'contradiction'
  | 'quarantined'
  | 'queue-full'
  | 'fault'

/** Of a line to the broker, before anything is known of who is at its other end. */
export type EntranceRefusal =
  | 'too-many-connections'
  | 'too-many-unauthenticated'
  | 'handshake-failed'
  | 'handshake-slow'
  | 'connect-slow'

/** Of whoever presents itself to the broker. */
export type IdentityRefusal =
  | 'certificate-missing'
  | 'certificate-self-signed'
  | 'certificate-of-another-ca'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-purpose'
  | 'certificate-invalid'
  | 'certificate-unknown'
  | 'certificate-revoked'
  | 'device-revoked'
  | 'client-id-foreign'
  | 'token-bad'
  | 'session-forbidden'
  | 'keepalive-too-long'
  | 'will-foreign'
  | 'will-invalid'

/** Of what somebody known does on the broker. */
export type BrokerRefusal =
  | 'publish-foreign'
  | 'publish-forbidden'
  | 'retain-foreign'
  | 'qos-2'
  | 'subscribe-foreign'
  | 'forward-foreign'
  | 'too-many-subscriptions'
  | 'payload-too-large'
  | 'packet-too-large'
  | 'packet-slow'
  | 'protocol-broken'
  | 'slow-subscriber'
  | 'session-queue-full'

/** Why something was put aside or turned away: one word for log, metrics and tests. */
export type RefusalReason = MessageRefusal | EntranceRefusal | IdentityRefusal | BrokerRefusal | EnrolmentRefusal

export interface Refusal {
  readonly ok: false
  readonly reason: RefusalReason
  readonly detail: string
}

export function refuse(reason: RefusalReason, detail: string): Refusal {
  return { ok: false, reason, detail }
}

/** Where it happened, for the log: a topic, a client, an address. */
export type RefusalPlace = Readonly<Record<string, string | null>>

export interface RefusalOptions {
  /** Lines a reason may write in `windowMs`; the rest is counted and summed up in one line after it. */
  readonly linesPerWindow?: number
  readonly windowMs?: number
}

const MAX_PLACE_CHARS = 200
const MAX_DETAIL_CHARS = 400

interface Tally {
  count: number
  lines: number
  /** Not logged in this window. */
  silent: number
}

/** Counts every refusal and logs as many as a disk can bear. */
export class Refusals {
  readonly #log: Log
  readonly #linesPerWindow: number
  readonly #windowMs: number
  readonly #tallies = new Map<RefusalReason, Tally>()

  constructor(log: Log, { linesPerWindow = 10, windowMs = 1000 }: RefusalOptions = {}) {
    this.#log = log
    this.#linesPerWindow = linesPerWindow
    this.#windowMs = windowMs
  }

  /** Of a message on `topic`. */
  note(topic: string, refusal: Refusal): void {
    this.noteAt({ topic }, refusal)
  }

  noteAt(place: RefusalPlace, { reason, detail }: Refusal): void {
    const tally = this.#tallyOf(reason)
    tally.count++
    if (tally.lines === 0) this.#openWindow(reason, tally)
    if (tally.lines >= this.#linesPerWindow) {
      tally.silent++
      return
    }
    tally.lines++
    const where = Object.fromEntries(
      Object.entries(place).map(([name, text]) => [name, text?.slice(0, MAX_PLACE_CHARS) ?? null]),
    )
    this.#log.warn(
      { event: 'refused', ...where, reason, detail: detail.slice(0, MAX_DETAIL_CHARS), count: tally.count },
      'refused',
    )
  }

  /** A handler that notes what `take` refuses. */
  noting(take: (letter: Letter) => Refusal | null): LetterHandler {
    return async letter => {
      const refusal = take(letter)
      if (refusal !== null) this.note(letter.topic, refusal)
    }
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#tallies].map(([reason, { count }]) => [reason, count]))
  }

  #tallyOf(reason: RefusalReason): Tally {
    const known = this.#tallies.get(reason)
    if (known !== undefined) return known
    const tally = { count: 0, lines: 0, silent: 0 }
    this.#tallies.set(reason, tally)
    return tally
  }

  #openWindow(reason: RefusalReason, tally: Tally): void {
    setTimeout(() => {
      const { silent, count } = tally
      tally.lines = 0
      tally.silent = 0
      if (silent > 0) this.#log.warn({ event: 'refused', reason, more: silent, count }, `refused, and ${silent} more`)
    }, this.#windowMs).unref()
  }
}
