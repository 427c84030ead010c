import type { Rider } from '../ride/rider.ts'

/** Who waits for another bus; more would have walked. */
const MOST_WAITING = 20

/** Where passengers leave one line and board another. Holds each rider once. */
export class Interchange {
  readonly #waiting: { readonly site: string; readonly rider: Rider }[] = []

  /** Somebody has ridden on the bus of this site, and may go on with another. */
  arrive(site: string, rider: Rider): void {
    this.#waiting.push({ site, rider })
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()
  }

  /** Somebody who came with another bus than this site's; null where nobody waits. */
  board(site: string): Rider | null {
    const place = this.#waiting.findIndex(one => one.site !== site)
    return place < 0 ? null : (this.#waiting.splice(place, 1)[0]?.rider ?? null)
  }
}
