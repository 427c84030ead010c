/**
 * Those who wait, each under the address it came from. Addresses take turns, so that one who knocks a thousand times
 * holds up nobody but its own: a whole fleet may stand behind one address and is served like any other.
 */
export class WaitingRoom<T> {
  readonly #queues = new Map<string, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(address: string, item: T): void {
    const queue = this.#queues.get(address)
    if (queue === undefined) this.#queues.set(address, [item])
    else queue.push(item)
    this.#size++
  }

  /** Who is next; null where nobody waits. */
  take(): T | null {
    for (const [address, queue] of this.#queues) {
      const item = queue.shift()
      this.#queues.delete(address)
      if (queue.length > 0) this.#queues.set(address, queue) // to the end of the round
      if (item === undefined) continue
      this.#size--
      return item
    }
    return null
  }

  /** False where it does not wait. */
  remove(address: string, item: T): boolean {
    const queue = this.#queues.get(address)
    const place = queue?.indexOf(item) ?? -1
    if (queue === undefined || place < 0) return false
    queue.splice(place, 1)
    if (queue.length === 0) this.#queues.delete(address)
    this.#size--
    return true
  }
}
