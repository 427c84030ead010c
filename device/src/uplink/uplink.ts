import {
  BugError,
  describeError,
  EnvironmentError,
  encodeBatch,
  equalBytes,
  type PrivateKey,
  type Receipt,
  receiptFormat,
  type Trust,
} from '@ankang/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Journal, JournalRecord } from '../ports/journal.ts'
import type { Link } from '../ports/link.ts'

/** All limits of the upload in one place. */
export const UPLINK_LIMITS = {
  /** Batches sent and not yet receipted: a small window, since the journal is the only queue. */
  windowBatches: 2,
  batchRecords: 200,
  batchBytes: 256 * 1024,
  /** Without a receipt for this long, what is in flight is sent again. */
  receiptTimeoutMs: 5000,
} as const

interface UplinkOptions {
  readonly journal: Journal
  readonly link: Link
  readonly key: PrivateKey
  readonly trust: Trust
  readonly clock: Clock
  /** Records younger than this are never pruned. */
  readonly keepMs: number
  readonly events: UplinkEvents
}

export interface UplinkEvents {
  /** A receipt was accepted: the centre holds everything up to here. */
  onConfirmed(through: number, backlog: number): void
  /** A true receipt for this very chain, signed at `timeMs` (Unix) when the centre held everything up to `through`. */
  onTimeHeard?(timeMs: number, through: number): void
  /** The ledger and the centre disagree, or the centre sent what cannot be believed. */
  onAlarm(detail: string): void
}

interface InFlight {
  readonly through: number
  readonly sentAtMs: number
}

/**
 * Hands the journal to the centre and prunes nothing without a signed receipt. Driven from outside: `linkUp`, `linkDown`,
 * `receipt`, `recordWritten` and `tick`; it owns no timer.
 */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #inFlight: InFlight[] = []
  /** Messages given to this connection that it has neither carried nor refused yet; a new connection starts at none. */
  #unsettled = { count: 0 }
  #up = false
  /** Null until the centre has said, on this connection, what it holds. */
  #nextSeq: number | null = null
  #confirmed = 0
  #halted = false
  #waitingSinceMs = 0

  constructor(options: UplinkOptions) {
    this.#options = options
  }

  /** Records the centre has not confirmed. */
  backlog(): number {
    return this.#options.journal.head().seq - this.#confirmed
  }

  confirmedThrough(): number {
    return this.#confirmed
  }

  /** The device has announced itself and waits for the centre's word; `tick` gives up waiting. */
  linkUp(): void {
    this.#up = true
    this.#unsettled = { count: 0 }
    this.#forgetFlight()
    this.#waitingSinceMs = this.#options.clock.monotonicMs()
  }

  linkDown(): void {
    this.#up = false
    this.#forgetFlight()
  }

  recordWritten(): void {
    this.#guarded(() => this.#pump())
  }

  /** Call about once a second: what was written meanwhile is sent, and overdue batches are sent again. */
  tick(): void {
    if (!this.#up || this.#halted) return
    this.#guarded(() => (this.#isOverdue() ? this.#resendFrom(this.#confirmed + 1) : this.#pump()))
  }

  #isOverdue(): boolean {
    const since = this.#inFlight[0]?.sentAtMs ?? (this.#nextSeq === null ? this.#waitingSinceMs : null)
    if (since === null || this.#options.clock.monotonicMs() - since < UPLINK_LIMITS.receiptTimeoutMs) return false
    return this.#unsettled.count < UPLINK_LIMITS.windowBatches // a slow line: what it still carries is no loss
  }

  /** A message on the receipts topic. What does not verify changes nothing. */
  receipt(message: Uint8Array): void {
    const receipt = this.#believe(message)
    const { device, epoch } = this.#options.journal.epoch
    if (receipt === null || receipt.device !== device || !equalBytes(receipt.epoch, epoch)) return
    this.#guarded(() => {
      const doubt = this.#doubt(receipt)
      if (doubt !== null) this.#halt(doubt)
      else this.#accept(receipt)
    })
  }

  /** A disk that fails is an alarm here, and never the end of the door; the next tick tries again. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      this.#options.events.onAlarm(`the journal cannot be read or pruned: ${describeError(error)}`)
    }
  }

  #believe(message: Uint8Array): Receipt | null {
    const { trust, events } = this.#options
    const decoded = receiptFormat.decode(message)
    const kid = decoded.ok ? decoded.value.message.kid : null
    const key = kid === null ? null : trust.delegated('receipt', kid)
    if (decoded.ok && key !== null && receiptFormat.verify(decoded.value, key.key)) return decoded.value.content
    events.onAlarm(
      decoded.ok
        ? 'receipt is not signed by a key this device trusts for receipts'
        : `receipt is broken: ${decoded.detail}`,
    )
    return null
  }

  /** What keeps this device from going on with a true receipt: the centre and it do not hold the same chain. */
  #doubt({ verdict, storedThrough, linkThere }: Receipt): string | null {
    const { journal } = this.#options
    const { history } = journal
    const head = journal.head()
    if (verdict !== 'ok') return `the centre answered ${verdict} at record ${storedThrough}`
    if (storedThrough < history.oldestSeq() - 1) return null // an old receipt come late; what it speaks of is pruned
    const own = history.linkAt(storedThrough)
    if (own !== null && equalBytes(own, linkThere)) return null
    return storedThrough > head.seq
      ? `the centre holds record ${storedThrough}, this device only ${head.seq}: its journal was set back`
      : `the centre holds another record ${storedThrough} than this device; nothing is pruned`
  }

  #accept(receipt: Receipt): void {
    const { journal, clock, keepMs, events } = this.#options
    const { storedThrough, timeMs } = receipt
    events.onTimeHeard?.(timeMs, storedThrough)
    while ((this.#inFlight[0]?.through ?? Number.POSITIVE_INFINITY) <= storedThrough) this.#inFlight.shift()
    // A lower number than before is a centre restored from backup: it gets again what is still here.
    const lost = storedThrough < this.#confirmed
    this.#confirmed = storedThrough
    events.onConfirmed(storedThrough, this.backlog())
    if (this.#nextSeq === null || lost || this.#inFlight.length === 0) this.#resendFrom(storedThrough + 1)
    else this.#pump()
    if (receipt.pruneThrough > 0) journal.history.prune(receipt.pruneThrough, clock.nowMs() - keepMs)
  }

  #halt(detail: string): void {
    this.#halted = true
    this.#forgetFlight()
    this.#options.events.onAlarm(detail)
  }

  #forgetFlight(): void {
    this.#inFlight.length = 0
    this.#nextSeq = null
  }

  #resendFrom(seq: number): void {
    this.#inFlight.length = 0
    this.#nextSeq = Math.max(seq, this.#options.journal.history.oldestSeq())
    this.#pump()
  }

  #pump(): void {
    const { journal } = this.#options
    while (this.#up && !this.#halted && this.#nextSeq !== null && this.#inFlight.length < UPLINK_LIMITS.windowBatches) {
      const records = journal.history.read(this.#nextSeq, {
        maxRecords: UPLINK_LIMITS.batchRecords,
        maxBytes: UPLINK_LIMITS.batchBytes,
      })
      const last = records.at(-1)
      if (last === undefined) return
      this.#send(this.#nextSeq, records, last)
      this.#nextSeq = last.seq + 1
    }
  }

  #send(from: number, records: readonly JournalRecord[], last: JournalRecord): void {
    const { journal, link, key, clock, events } = this.#options
    const linkBefore = journal.history.linkAt(from - 1)
    if (linkBefore === null) {
      throw new BugError('chain-cut', `record ${from - 1} is gone from the journal, nothing can be sent after it`)
    }
    const { device, epoch, publicKey, predecessor } = journal.epoch
    const start = from === 1 ? { publicKey, predecessor } : null
    const payload = {
      device,
      epoch,
      from,
      through: last.seq,
      linkBefore,
      linkThrough: last.link,
      deviceTimeMs: clock.nowMs(),
      newestSeq: journal.head().seq,
      start,
    }
    this.#inFlight.push({ through: last.seq, sentAtMs: clock.monotonicMs() })
    const message = encodeBatch(
      payload,
      records.map(record => record.body),
      key,
    )
    const unsettled = this.#unsettled
    unsettled.count++
    link
      .publish('records', message, { qos: 1 })
      .catch(error => {
        if (this.#up)
          events.onAlarm(
            `records ${from} to ${last.seq} could not be sent, they will be again: ${describeError(error)}`,
          )
      })
      .finally(() => {
        unsettled.count--
      })
  }
}
