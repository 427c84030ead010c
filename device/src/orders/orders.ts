import type { DesiredSettings, EnvironmentError, PrivateKey, ReportedPayload, Trust } from '@ankang/protocol'
import type { Recorder } from '../pipeline/record.ts'
import type { Link } from '../ports/link.ts'
import type { TrustedClock } from '../timing/trusted-clock.ts'
import type { OrderHands } from './carry-out.ts'
import { DesiredState } from './desired-state.ts'
import type { Kept } from './kept.ts'
import { OrderDesk, type OrderEnd } from './order-desk.ts'
import { OrderRecords } from './order-records.ts'
import { OrderResults } from './order-results.ts'
import { Unheeded } from './unheeded.ts'

export interface OrdersOptions {
  readonly device: string
  readonly key: PrivateKey
  readonly trust: Trust
  /** New at each start of the program, 16 bytes. */
  readonly bootNonce: Uint8Array
  readonly clock: TrustedClock
  readonly link: Link
  readonly recorder: Pick<Recorder, 'event'>
  readonly kept: Kept
  readonly hasOutput: boolean
  readonly hands: Omit<OrderHands, 'openingFailed'>
  readonly counters: { ordersRefused: number }
  readonly events: OrdersEvents
}

export interface OrdersEvents {
  onOrder(end: OrderEnd): void
  onDesired(settings: DesiredSettings): void
  onReport(reported: ReportedPayload): void
  onAlarm(kind: 'order' | 'storage', detail: string): void
  /** A door did not open although the record `seq` said so. */
  onActionFailed(seq: number, error: EnvironmentError): void
  onJournalFault(error: EnvironmentError): void
  /** A record was written, to be sent when it suits. */
  onRecordWritten(): void
  onUnsaid(what: string, error: unknown): void
  onBroken(error: unknown): void
}

/** Everything the centre may ask of this box, put together: commands, and the desired state. */
export class Orders {
  readonly #desk: OrderDesk
  readonly #results: OrderResults
  readonly #desired: DesiredState

  constructor(options: OrdersOptions) {
    const { recorder, clock, counters, hands, events } = options
    const records = new OrderRecords({
      recorder,
      onJournalFault: error => events.onJournalFault(error),
      onWritten: () => events.onRecordWritten(),
    })
    const onAlarm = (detail: string) => events.onAlarm('order', detail)
    const unheeded = new Unheeded({ clock, records, counters, onAlarm })
    this.#results = new OrderResults({ ...options, onUnsaid: (what, error) => events.onUnsaid(what, error) })
    this.#desk = new OrderDesk({
      ...options,
      records,
      unheeded,
      results: this.#results,
      hands: {
        ...hands,
        openingFailed: async (seq, error) => {
          events.onActionFailed(seq, error)
          await records.effectFailed(seq)
        },
      },
      onOrder: end => events.onOrder(end),
      onBroken: error => events.onBroken(error),
    })
    this.#desired = new DesiredState({
      ...options,
      records,
      unheeded,
      events: {
        onApply: settings => events.onDesired(settings),
        onReport: reported => events.onReport(reported),
        onAlarm: (kind, detail) => events.onAlarm(kind, detail),
        onBroken: error => events.onBroken(error),
      },
    })
  }

  /** Call once the keep is loaded, before the link is opened. */
  restore(): Promise<void> {
    return this.#desired.restore()
  }

  linkUp(): void {
    this.#results.linkUp()
    this.#desired.report()
  }

  command(message: Uint8Array): void {
    this.#desk.receive(message)
  }

  desired(message: Uint8Array): void {
    this.#desired.receive(message)
  }

  /** Takes no more; resolves when what was taken has been dealt with. */
  async close(): Promise<void> {
    await Promise.all([this.#desk.close(), this.#desired.settled()])
  }
}
