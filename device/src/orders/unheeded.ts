import type { Clock } from '../ports/clock.ts'
import { Throttle } from '../timing/throttle.ts'
import type { UnheededReason } from './authenticate.ts'
import type { OrderRecords } from './order-records.ts'

interface UnheededOptions {
  readonly clock: Clock
  readonly records: OrderRecords
  readonly counters: { ordersRefused: number }
  readonly onAlarm: (detail: string) => void
}

const ONE_A_MINUTE_MS = 60_000

/**
 * Messages in the centre's name that are none of its. Whoever owns the broker can send them without end: all are counted,
 * one a minute and reason raises an alarm, one a minute leaves a record. Nothing of their content is repeated.
 */
export class Unheeded {
  readonly #options: UnheededOptions
  readonly #alarms = new Throttle(ONE_A_MINUTE_MS)
  readonly #records = new Throttle(ONE_A_MINUTE_MS)

  constructor(options: UnheededOptions) {
    this.#options = options
  }

  note(what: 'command' | 'desired', reason: UnheededReason): void {
    const { clock, records, counters, onAlarm } = this.#options
    counters.ordersRefused++
    const now = clock.monotonicMs()
    const alarmed = this.#alarms.admit(`${what} ${reason}`, now)
    if (alarmed !== null) onAlarm(`${what} not heeded: ${reason}${alarmed > 1 ? ` (${alarmed} times)` : ''}`)
    const recorded = this.#records.admit('record', now)
    if (recorded !== null) void records.unheeded(reason, recorded)
  }
}
