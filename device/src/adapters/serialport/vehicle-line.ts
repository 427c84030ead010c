import { UsageError } from '@ankang/protocol'
import {
  decodeVehicleSentence,
  MAX_SENTENCE_BYTES,
  type VehicleSentence,
  type VehicleSentenceFault,
} from '../../framing/vehicle-sentence.ts'
import type { Clock } from '../../ports/clock.ts'
import { isSamePlace, type Vehicle, type VehicleEvents, type VehicleNow } from '../../ports/vehicle.ts'
import type { Timers } from '../../timing/timers.ts'
import { SerialLine } from './serial-line.ts'

export interface VehicleLineOptions {
  readonly name: string
  /** Best one of /dev/serial/by-id, which stays with the on-board unit. */
  readonly path: string
  readonly baudRate: number
  readonly clock: Clock
  readonly timers?: Timers
}

/** Some noise is nothing; so much of it, and nothing else, is a wrong baud rate or a bad cable. */
const GARBLED_LINE = 10
/** A press is said up to three times in a row. Units that start counting anew with each trip say the same number again later. */
const REPEATED_WITHIN_MS = 5000
/** A sentence takes 50 ms at 9600 baud; so long a silence within one is a cut cable. */
const IDLE_GAP_MS = 500

/** A vehicle's on-board unit on a serial line of its own. Comes back by itself when it is plugged in again. */
export class VehicleLine implements Vehicle {
  readonly name: string
  readonly #clock: Clock
  readonly #line: SerialLine
  readonly #rejected: Record<VehicleSentenceFault, number> = {
    'bad-checksum': 0,
    'bad-form': 0,
    'other-sentence': 0,
  }
  #garbledInARow = 0
  #now: VehicleNow = { position: null, keyPressedAtMs: null }
  /** The newest press: what comes with the same counter soon after is said again, not pressed again. */
  #press: { readonly counter: number; readonly heardAtMs: number } | null = null

  constructor({ name, path, baudRate, clock, timers }: VehicleLineOptions) {
    this.name = name
    this.#clock = clock
    this.#line = new SerialLine(
      {
        path,
        baudRate,
        // Units that leave out the CR are heard too; the decoder takes it off.
        delimiter: 'lf',
        maxBytes: MAX_SENTENCE_BYTES,
        idleGapMs: IDLE_GAP_MS,
        nowMs: () => clock.monotonicMs(),
        ...(timers === undefined ? {} : { timers }),
      },
      { sender: 'on-board unit', message: 'a sentence' },
    )
  }

  /** Sentences that were not understood since the program started, by their fault. */
  get rejected(): Readonly<Record<VehicleSentenceFault, number>> {
    return this.#rejected
  }

  async start(events: VehicleEvents): Promise<void> {
    if (this.#line.isStarted)
      throw new UsageError(
        'vehicle-started',
        `vehicle ${this.name} is started already; stop it before starting it again`,
      )
    await this.#line.start({
      onState: state => {
        this.#garbledInARow = 0
        events.onState(state)
      },
      onFrame: ({ bytes }) => this.#heard(bytes, events),
    })
  }

  now(): VehicleNow {
    return this.#now
  }

  stop(): Promise<void> {
    return this.#line.stop()
  }

  #heard(bytes: Uint8Array, events: VehicleEvents): void {
    const decoded = decodeVehicleSentence(bytes)
    if (!decoded.ok) this.#rejected[decoded.why] += 1
    this.#judgeLine(!decoded.ok && decoded.why !== 'other-sentence', events)
    if (decoded.ok && this.#isNews(decoded.sentence)) events.onNews(this.#now)
  }

  /** Whatever checks shows that the line is sound, and nothing but garble for a while that it is not. */
  #judgeLine(isGarbled: boolean, events: VehicleEvents): void {
    const before = this.#garbledInARow
    this.#garbledInARow = isGarbled ? before + 1 : 0
    if (!isGarbled && before >= GARBLED_LINE) events.onState({ state: 'ready' })
    if (isGarbled && before + 1 === GARBLED_LINE) events.onState({ state: 'fault', detail: this.#garbledDetail() })
  }

  #garbledDetail(): string {
    const { 'bad-checksum': checksum, 'bad-form': form } = this.#rejected
    return `${GARBLED_LINE} sentences in a row from the on-board unit were not understood (so far ${checksum} by checksum, ${form} by form); check its baud rate and cable`
  }

  /** Takes what was said; a unit says most things again and again. */
  #isNews(sentence: VehicleSentence): boolean {
    if (sentence.kind === 'position') {
      const before = this.#now.position
      this.#now = { ...this.#now, position: sentence.position }
      return !isSamePlace(before, sentence.position)
    }
    const before = this.#press
    const heardAtMs = this.#clock.monotonicMs()
    this.#press = { counter: sentence.counter, heardAtMs }
    if (sentence.counter === before?.counter && heardAtMs - before.heardAtMs < REPEATED_WITHIN_MS) return false
    this.#now = { ...this.#now, keyPressedAtMs: this.#clock.nowMs() }
    return true
  }
}
