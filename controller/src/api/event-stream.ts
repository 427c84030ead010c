import type { ServerResponse } from 'node:http'
import type { LiveEvent, LiveFeed } from '../fleet/live-feed.ts'
import type { OpenLine } from './route.ts'

/**
 * What a client may leave unread before it is dropped; it comes back and fetches the whole state. A full commit's events
 * leave in one turn of the loop, so it must hold those.
 */
const MAX_UNREAD_BYTES = 1024 * 1024
const MAX_CLIENTS = 100
/** Nobody's open pages take the line from the others. */
const MAX_CLIENTS_OF_ONE = 20
const HEARTBEAT_MS = 15_000
/** Whoever logged out, or was disabled, reads on for so long at most. */
const CHECK_MS = 1000
const RETRY_MS = 2000

interface StreamLimits {
  readonly clients: number
  readonly clientsOfOne: number
  readonly heartbeatMs: number
  readonly checkMs: number
}

interface Client {
  readonly actor: string
  leave(): void
}

/** Server-sent events to any number of pages, each with a bound on what waits for it. */
export class EventStream {
  readonly #feed: LiveFeed
  readonly #limits: StreamLimits
  readonly #clients = new Map<ServerResponse, Client>()

  constructor(feed: LiveFeed, limits: Partial<StreamLimits> = {}) {
    this.#feed = feed
    this.#limits = {
      clients: MAX_CLIENTS,
      clientsOfOne: MAX_CLIENTS_OF_ONE,
      heartbeatMs: HEARTBEAT_MS,
      checkMs: CHECK_MS,
      ...limits,
    }
  }

  get clients(): number {
    return this.#clients.size
  }

  hasRoomFor(actor: string): boolean {
    const { clients, clientsOfOne } = this.#limits
    const ofOne = [...this.#clients.values()].filter(client => client.actor === actor)
    return this.#clients.size < clients && ofOne.length < clientsOfOne
  }

  /**
   * Takes over a response whose headers are not sent yet. Ends with the client, when it reads too slowly, or soon after it lost
   * the right to read.
   */
  add({ response, headers, mayGoOn, actor }: OpenLine): void {
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write(`retry: ${RETRY_MS}\n\n`)
    // an event and not a comment, so that a page can tell a silent line from a quiet hall
    const heartbeat = setInterval(() => this.#send(response, 'event: beat\ndata: {}\n\n'), this.#limits.heartbeatMs)
    const check = setInterval(() => {
      if (!isTrue(mayGoOn)) this.#end(response)
    }, this.#limits.checkMs)
    const unwatch = this.#feed.watch(event => this.#send(response, encodeEvent(event)))
    const leave = (): void => {
      clearInterval(heartbeat)
      clearInterval(check)
      unwatch()
      this.#clients.delete(response)
    }
    this.#clients.set(response, { actor, leave })
    response.on('close', leave)
    response.on('error', leave)
  }

  close(): void {
    for (const response of this.#clients.keys()) this.#end(response)
  }

  #end(response: ServerResponse): void {
    this.#clients.get(response)?.leave()
    response.end()
  }

  #send(response: ServerResponse, text: string): void {
    if (response.writableLength + text.length > MAX_UNREAD_BYTES) {
      this.#clients.get(response)?.leave()
      response.destroy()
    } else response.write(text)
  }
}

/** Where it cannot be told whether somebody may, they may not: nobody else would catch what is thrown here. */
function isTrue(ask: () => boolean): boolean {
  try {
    return ask()
  } catch {
    return false
  }
}

function encodeEvent({ kind, view }: LiveEvent): string {
  return `event: ${kind}\ndata: ${JSON.stringify(view)}\n\n`
}
