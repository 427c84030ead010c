import type { EventEmitter } from 'node:events'
import { createServer, type Server } from 'node:net'
import { describeError, MAX_BATCH_MESSAGE_BYTES } from '@ankang/protocol'
import { Aedes } from 'aedes'
import type { Log } from '../log.ts'
import { type ListenAddress, listenOnFreePort } from '../port-fallback.ts'
import { aedesPostman } from './aedes-postman.ts'
import { GuardedConnection } from './packet-guard.ts'
import type { Postman } from './postman.ts'

/** Longest batch plus topic and header. */
export const MAX_PACKET_BYTES = MAX_BATCH_MESSAGE_BYTES + 1024
/** About 25 KB each: more than the devices of a county's town, less than what hurts. */
const MAX_CONNECTIONS = 4000
/** A subscriber that stops reading is dropped after this: the devices behind it wait no longer. */
const DRAIN_TIMEOUT_MS = 2000

export interface EmbeddedBroker {
  readonly postman: Postman
  /** mqtt://host:port as bound. */
  readonly url: string
  close(): Promise<void>
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/**
 * A broker inside this process. No authorizePublish of ours: a custom one would lose the guard of `$SYS`.
 * Throws `port-taken` or `listen-failed`.
 */
export async function startEmbeddedBroker(address: ListenAddress, log: Log): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker({ drainTimeout: DRAIN_TIMEOUT_MS })
  const note = (client: { id?: string } | null, error: Error): void =>
    log.warn({ client: client?.id ?? null, detail: describeError(error) }, 'a connection to the broker failed')
  broker.on('clientError', note)
  broker.on('connectionError', note)
  const events: EventEmitter = broker // its own types leave this event out
  events.on('error', error => log.error({ detail: describeError(error) }, 'the broker failed'))
  const server = createServer(socket => {
    socket.setNoDelay(true)
    broker.handle(new GuardedConnection(socket, MAX_PACKET_BYTES))
  })
  server.maxConnections = MAX_CONNECTIONS
  try {
    const port = await listenOnFreePort('mqtt', address, candidate => bind(server, address.host, candidate))
    const host = address.host.includes(':') ? `[${address.host}]` : address.host
    return {
      postman: aedesPostman(broker, log),
      url: `mqtt://${host}:${port}`,
      close: async () => {
        const closed = new Promise<void>(resolve => server.close(() => resolve()))
        await new Promise<void>(resolve => broker.close(() => resolve()))
        await closed
      },
    }
  } catch (error) {
    await new Promise<void>(resolve => broker.close(() => resolve()))
    throw error
  }
}
