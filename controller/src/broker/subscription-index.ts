import { isCovered } from '@ankang/protocol'

/** The part of a filter before its first wildcard level. */
function literalPart(filter: string): string {
  const levels = filter.split('/')
  const wild = levels.findIndex(level => level === '+' || level === '#')
  return wild === -1 ? filter : levels.slice(0, wild).join('/')
}

/** Whose filters fit a topic, found by the levels that a filter spells out. */
export class SubscriptionIndex {
  /** Literal part → client → its filters that begin so. */
  readonly #clients = new Map<string, Map<string, Set<string>>>()

  add(client: string, filter: string): void {
    const part = literalPart(filter)
    const there = this.#clients.get(part) ?? new Map<string, Set<string>>()
    this.#clients.set(part, there)
    const filters = there.get(client) ?? new Set<string>()
    there.set(client, filters)
    filters.add(filter)
  }

  remove(client: string, filter: string): void {
    const part = literalPart(filter)
    const there = this.#clients.get(part)
    const filters = there?.get(client)
    if (there === undefined || filters === undefined) return
    filters.delete(filter)
    if (filters.size === 0) there.delete(client)
    if (there.size === 0) this.#clients.delete(part)
  }

  /** Each client once. */
  match(topic: string): ReadonlySet<string> {
    const found = new Set<string>()
    const levels = topic.split('/')
    for (let depth = 0; depth <= levels.length; depth++) {
      for (const [client, filters] of this.#clients.get(levels.slice(0, depth).join('/')) ?? [])
        if ([...filters].some(filter => isCovered(topic, filter))) found.add(client)
    }
    return found
  }
}
