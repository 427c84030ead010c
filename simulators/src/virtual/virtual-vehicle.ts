import { encodeVehicleSentence, type VehicleSentence } from '@ankang/device/parts'
import type { BusPosition } from '@ankang/protocol'
import type { PtyPair } from './pty-pair.ts'

/** As on-board units do. */
const SAYS_EVERY_MS = 2000

export interface VirtualVehicleOptions {
  /** The serial line between on-board unit and device; closed with the vehicle. */
  readonly serial: Pick<PtyPair, 'write' | 'close'>
  readonly line: string
  /** Of one run, at least two. */
  readonly stops: number
  readonly saysEveryMs?: number
  /** Resolves when the device has heard what is said next: bytes on one line may overtake those on another. */
  untilHeard(sentence: VehicleSentence): Promise<void>
}

/** A bus that runs up and down its line, and its on-board unit: says where it is at each stop and every few seconds, and when the driver presses the key. */
export class VirtualVehicle {
  readonly #serial: VirtualVehicleOptions['serial']
  readonly #line: string
  readonly #stops: number
  readonly #untilHeard: VirtualVehicleOptions['untilHeard']
  readonly #saysEveryMs: number
  #run = 1
  #direction: BusPosition['direction'] = 'up'
  #stop = 1
  #presses = 0
  #saying: NodeJS.Timeout | null = null

  /** At the first stop, its unit switched off. */
  constructor({ serial, line, stops, untilHeard, saysEveryMs = SAYS_EVERY_MS }: VirtualVehicleOptions) {
    this.#serial = serial
    this.#line = line
    this.#stops = stops
    this.#untilHeard = untilHeard
    this.#saysEveryMs = saysEveryMs
  }

  get position(): BusPosition {
    const run = `${this.#line}-${String(this.#run).padStart(2, '0')}`
    return { line: this.#line, run, direction: this.#direction, stop: this.#stop }
  }

  /** Switches the unit on. Resolves when the device has heard where the bus is. */
  async switchOn(): Promise<void> {
    this.switchOff()
    this.#saying = setInterval(() => {
      // A line that is gone is told of by the next stop, which somebody waits for.
      this.#say({ kind: 'position', position: this.position }).catch(() => this.switchOff())
    }, this.#saysEveryMs)
    await this.#sayAndBeHeard({ kind: 'position', position: this.position })
  }

  switchOff(): void {
    if (this.#saying !== null) clearInterval(this.#saying)
    this.#saying = null
  }

  /** Drives to the next stop where people board; from the last one a run turns round. Resolves when the doors open. */
  async nextStop(): Promise<void> {
    if (this.#stop + 1 < this.#stops) this.#stop++
    else {
      this.#direction = this.#direction === 'up' ? 'down' : 'up'
      this.#run++
      this.#stop = 1
    }
    await this.#sayAndBeHeard({ kind: 'position', position: this.position })
  }

  /** The driver allows one further ride. Resolves when the device has heard it. */
  async pressKey(): Promise<void> {
    this.#presses++
    await this.#sayAndBeHeard({ kind: 'key', counter: this.#presses })
  }

  async close(): Promise<void> {
    this.switchOff()
    await this.#serial.close()
  }

  async #sayAndBeHeard(sentence: VehicleSentence): Promise<void> {
    await Promise.all([this.#untilHeard(sentence), this.#say(sentence)])
  }

  #say(sentence: VehicleSentence): Promise<void> {
    return this.#serial.write(encodeVehicleSentence(sentence))
  }
}
