import type { ServerResponse } from 'node:http'
import type { LiveEvent, LiveFeed } from '../fleet/live-feed.ts'

/**
 * What a client may leave unread before it is dropped; it comes back and fetches the whole state. A full commit's events
 * leave in one turn of the loop, so it must hold those.
 */
const MAX_UNREAD_BYTES = 1024 * 1024
const MAX_CLIENTS = 100
const HEARTBEAT_MS = 15_000
const RETRY_MS = 2000

/** Server-sent events to any number of pages, each with a bound on what waits for it. */
export class EventStream {
  readonly #feed: LiveFeed
  readonly #clients = new Map<ServerResponse, () => void>()

  constructor(feed: LiveFeed) {
    this.#feed = feed
  }

  get isFull(): boolean {
    return this.#clients.size >= MAX_CLIENTS
  }

  /** Takes over a response whose headers are not sent yet. Ends with the client, or when it reads too slowly. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write(`retry: ${RETRY_MS}\n\n`)
    // an event and not a comment, so that a page can tell a silent line from a quiet hall
    const heartbeat = setInterval(() => this.#send(response, 'event: beat\ndata: {}\n\n'), HEARTBEAT_MS)
    const unwatch = this.#feed.watch(event => this.#send(response, encodeEvent(event)))
    const leave = (): void => {
      clearInterval(heartbeat)
      unwatch()
      this.#clients.delete(response)
    }
    this.#clients.set(response, leave)
    response.on('close', leave)
    response.on('error', leave)
  }

  close(): void {
    for (const [response, leave] of this.#clients) {
      leave()
      response.end()
    }
  }

  #send(response: ServerResponse, text: string): void {
    if (response.writableLength + text.length > MAX_UNREAD_BYTES) {
      this.#clients.get(response)?.()
      response.destroy()
    } else response.write(text)
  }
}

function encodeEvent({ kind, view }: LiveEvent): string {
  return `event: ${kind}\ndata: ${JSON.stringify(view)}\n\n`
}
