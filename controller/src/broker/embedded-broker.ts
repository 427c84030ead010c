import type { EventEmitter } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { describeError, UsageError } from '@ankang/protocol'
import { Aedes, type Client } from 'aedes'
import type { Gate, TokenGate } from '../identity/registry.ts'
import type { Log } from '../log.ts'
import { type ListenAddress, listenOnFreePort } from '../port-fallback.ts'
import { type Refusal, type Refusals, refuse } from '../refusals.ts'
import { subscribeRefusal } from './access-rules.ts'
import { aedesPostman } from './aedes-postman.ts'
import { aedesRules, lineOf } from './aedes-rules.ts'
import { BROKER_LIMITS, type BrokerLimits } from './broker-limits.ts'
import { callerName } from './caller.ts'
import { readClientCertificate } from './client-certificate.ts'
import { Entrance, type Newcomer } from './entrance.ts'
import { GuardedConnection } from './guarded-connection.ts'
import { faultOf } from './line-faults.ts'
import { Lines } from './lines.ts'
import type { Postman } from './postman.ts'
import { SessionStore } from './session-store.ts'
import type { TlsMaterial } from './tls-entrance.ts'

export interface BrokerOptions {
  readonly address: ListenAddress
  /** Without TLS, for tools with a token on this machine: loopback alone. Left out: there is none. */
  readonly plain?: ListenAddress
  readonly tls: TlsMaterial
  readonly gate: Gate
  readonly tokens: TokenGate
  readonly refusals: Refusals
  readonly log: Log
  readonly nowMs: () => number
  /** Monotonic. */
  readonly tickMs?: () => number
  readonly limits?: Partial<BrokerLimits>
}

export interface EmbeddedBroker {
  readonly postman: Postman
  /** mqtts://host:port as bound. */
  readonly url: string
  /** mqtt://host:port, null where there is none. */
  readonly plainUrl: string | null
  /** Lines at the entrance and inside. */
  connections(): number
  /** Whether that device is on a line now. */
  isConnected(device: string): boolean
  /** Told when a device has come on a line, or has gone from one. */
  onDevice(listener: (device: string) => void): void
  readonly isListening: boolean
  /** For handshakes from now on. */
  replaceCertificate(renewed: Pick<TlsMaterial, 'certificatePem' | 'keyPem'>): void
  close(): Promise<void>
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/
/** The broker's own limits lie behind ours and never take hold. */
const BEHIND = 2
/** Device ids, and those the broker gives to tools. */
const MAX_CLIENT_ID_CHARS = 100
/** Sets nothing: aedes would take a letter that was overtaken for a repetition. See RecentLetters. */
const NO_DUPLICATES = new Proxy({}, { set: () => true })

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
 * A broker inside this process that trusts nobody: who is on a line is proved by its certificate or token, what it may
 * do is decided here, and what it costs is bounded. Throws `port-taken`, `listen-failed`, `plain-not-loopback`.
 */
export async function startEmbeddedBroker(options: BrokerOptions): Promise<EmbeddedBroker> {
  const broker = new BrokerParts(options)
  try {
    return await broker.start()
  } catch (error) {
    await broker.close()
    throw error
  }
}

class BrokerParts {
  readonly #options: BrokerOptions
  readonly #limits: BrokerLimits
  readonly #tickMs: () => number
  readonly #lines: Lines
  readonly #sessions: SessionStore
  readonly #entrance: Entrance
  readonly #aedes: Aedes
  readonly #servers: Server[] = []
  readonly #listeners = new Set<(device: string) => void>()
  readonly #closings: (() => void)[] = []

  constructor(options: BrokerOptions) {
    const { gate, tokens, refusals, tls, tickMs = () => performance.now() } = options
    this.#options = options
    this.#tickMs = tickMs
    const limits = { ...BROKER_LIMITS, ...options.limits }
    this.#limits = limits
    this.#lines = new Lines(limits, tickMs)
    this.#sessions = new SessionStore({
      letters: limits.sessionLetters,
      bytes: limits.sessionBytes,
      maySubscribe: (client, filter) => {
        const caller = this.#lines.callerOf(client)
        return caller !== null && subscribeRefusal(caller, filter) === null
      },
      onDropped: (client, letters) =>
        refusals.noteAt({ client }, refuse('session-queue-full', `the oldest ${letters} of its letters are dropped`)),
    })
    this.#entrance = new Entrance({
      limits,
      refusals,
      tls,
      tickMs,
      onLine: (socket, newcomer) => this.#welcome(socket, newcomer),
    })
    this.#aedes = new Aedes({
      ...aedesRules({ limits, lines: this.#lines, identities: { gate, tokens } }),
      persistence: this.#sessions,
      concurrency: 0, // no letter waits for another's handler: each line's own window bounds them
      connectTimeout: BEHIND * limits.connectMs,
      drainTimeout: BEHIND * limits.drainMs,
      maxClientsIdLength: MAX_CLIENT_ID_CHARS,
    })
  }

  async start(): Promise<EmbeddedBroker> {
    const { address, plain, tls } = this.#options
    await this.#aedes.listen()
    this.#follow()
    const url = await this.#listen('mqtts', address, true)
    const plainUrl = plain === undefined ? null : await this.#listen('mqtt', plain, false)
    const sweep = setInterval(() => this.#sweep(), this.#limits.sweepMs)
    this.#closings.push(
      () => clearInterval(sweep),
      this.#options.gate.onCut(device => this.#cut(device)),
    )
    const servers = this.#servers
    return {
      postman: aedesPostman(this.#aedes, this.#options.log),
      url,
      plainUrl,
      connections: () => this.#entrance.connections,
      isConnected: device => this.#lines.isConnected(device),
      onDevice: listener => this.#listeners.add(listener),
      replaceCertificate: renewed => this.#entrance.replaceCertificate({ ...tls, ...renewed }),
      get isListening() {
        return servers.length > 0 && servers.every(({ listening }) => listening)
      },
      close: () => this.close(),
    }
  }

  async close(): Promise<void> {
    for (const closing of this.#closings.splice(0)) closing()
    const closed = this.#servers.splice(0).map(
      server =>
        new Promise<void>(resolve => {
          server.close(() => resolve())
        }),
    )
    await new Promise<void>(resolve => this.#aedes.close(() => resolve()))
    this.#entrance.close()
    await Promise.all(closed)
  }

  #sweep(): void {
    this.#entrance.sweep()
    this.#lines.sweep(this.#options.nowMs())
  }

  async #listen(scheme: 'mqtts' | 'mqtt', address: ListenAddress, isSecure: boolean): Promise<string> {
    if (!isSecure && !LOOPBACK.test(address.host))
      throw new UsageError(
        'plain-not-loopback',
        `mqtt: without TLS expected a loopback host such as 127.0.0.1, got ${address.host}`,
      )
    const server = createServer(socket => this.#entrance.accept(socket, isSecure))
    const port = await listenOnFreePort(scheme, address, candidate => bind(server, address.host, candidate))
    this.#servers.push(server)
    const host = address.host.includes(':') ? `[${address.host}]` : address.host
    return `${scheme}://${host}:${port}`
  }

  /** A line that may now speak MQTT. */
  #welcome(socket: Socket, newcomer: Newcomer): void {
    const certificate = socket instanceof TLSSocket ? readClientCertificate(socket) : null
    if (certificate !== null && !certificate.ok) {
      this.#options.refusals.noteAt({ remote: socket.remoteAddress ?? null }, certificate)
      socket.destroy()
      return
    }
    const line = new GuardedConnection({
      socket,
      certificate,
      limits: this.#limits,
      tickMs: this.#tickMs,
      onRefused: (refused, refusal) => this.#note(refused, refusal),
      onOpen: () => this.#entrance.known(newcomer),
    })
    this.#lines.add(line)
    line.once('close', () => this.#tellOf(line))
    Object.assign(this.#aedes.handle(line), { duplicates: NO_DUPLICATES })
  }

  #tellOf({ caller }: GuardedConnection): void {
    if (caller?.kind === 'device') for (const listener of this.#listeners) listener(caller.address.device)
  }

  #note({ remote, caller }: GuardedConnection, refusal: Refusal): void {
    this.#options.refusals.noteAt({ remote, client: caller === null ? null : callerName(caller) }, refusal)
  }

  #cut(device: string): void {
    const { gate } = this.#options
    this.#sessions.drop(device)
    this.#lines.cutDevice(device, fingerprint => {
      const verdict = gate.admit(fingerprint)
      return refuse(verdict.ok ? 'certificate-revoked' : verdict.reason, 'it was connected; its line is cut')
    })
  }

  #follow(): void {
    const { log } = this.#options
    const ended = (client: Client, error: Error): void => {
      const line = lineOf(client)
      if (line === null || line.isRefused) return
      const fault = faultOf(error)
      if (fault !== null) line.note(fault)
      else {
        const { remote, caller } = line
        const fields = { remote, client: caller === null ? null : callerName(caller), detail: describeError(error) }
        log.debug(fields, 'a line to the broker broke')
      }
    }
    this.#aedes.on('clientError', ended)
    this.#aedes.on('connectionError', ended)
    this.#aedes.on('connackSent', ({ returnCode }, client) => {
      if (returnCode !== 0) return
      const line = lineOf(client)
      line?.open()
      if (line !== null) this.#tellOf(line)
    })
    this.#aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) lineOf(client)?.filters.delete(filter)
    })
    const events: EventEmitter = this.#aedes // its own types leave this event out
    events.on('error', error => log.error({ detail: describeError(error) }, 'the broker failed'))
  }
}
