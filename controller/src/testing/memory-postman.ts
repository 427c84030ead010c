import type { Letter, LetterHandler, Postman } from '../broker/postman.ts'

function matches(filter: string, topic: string): boolean {
  const parts = topic.split('/')
  const wanted = filter.split('/')
  const open = wanted.at(-1) === '#'
  if (open ? parts.length < wanted.length - 1 : parts.length !== wanted.length) return false
  return wanted.every((part, index) => part === '+' || part === '#' || part === parts[index])
}

/** A postman without a network: letters are handed over in order, one at a time for each subscriber. */
export class MemoryPostman implements Postman {
  /** Everything published, oldest first. */
  readonly sent: Letter[] = []
  readonly #subscribers: { readonly filter: string; readonly handler: LetterHandler }[] = []

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    this.sent.push({ topic, payload })
    for (const { filter, handler } of this.#subscribers) if (matches(filter, topic)) await handler({ topic, payload })
  }

  subscribe(filter: string, handler: LetterHandler): Promise<void> {
    this.#subscribers.push({ filter, handler })
    return Promise.resolve()
  }
}
