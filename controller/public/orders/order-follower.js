import { getJson, getJsonUnasked, inPath } from '../core/api.js'
import { told } from '../live/live-line.js'

/**
 * Follows the orders of one device: what comes over the line, and after a break of the line what was missed. It listens
 * before an order is sent, for an answer may overtake the centre's word that it was sent.
 */
export class OrderFollower {
  #device
  #onOrder
  #listening = new AbortController()
  #answered = new Map()

  constructor(device, onOrder) {
    this.#device = device
    this.#onOrder = onOrder
    const { signal } = this.#listening
    told.addEventListener('command', ({ detail }) => this.#hear(detail), { signal })
    told.addEventListener('up', () => this.askAll(getJsonUnasked), { signal })
  }

  /** As it stands now, whichever word came first. */
  newest(command) {
    return this.#answered.get(command.id) ?? command
  }

  async askAll(get = getJson) {
    try {
      const { commands } = await get(`/api/devices/${inPath(this.#device)}/commands`)
      for (const command of [...commands].sort((a, b) => a.issuedMs - b.issuedMs))
        this.#hear({ device: this.#device, ...command })
    } catch {
      return // the line's next opening asks again
    }
  }

  stop() {
    this.#listening.abort()
  }

  #hear(command) {
    if (command.device !== this.#device) return
    if (command.result !== null) this.#answered.set(command.id, command)
    this.#onOrder(command)
  }
}
