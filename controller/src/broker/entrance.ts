import type { Socket } from 'node:net'
import type { Server, TLSSocket } from 'node:tls'
import { describeError } from '@ankang/protocol'
import { type Refusal, type Refusals, refuse } from '../refusals.ts'
import type { BrokerLimits } from './broker-limits.ts'
import { sharedAddress } from './shared-address.ts'
import { changeCertificate, type TlsMaterial, tlsServer } from './tls-entrance.ts'
import { TokenBucket } from './token-bucket.ts'
import { WaitingRoom } from './waiting-room.ts'

/** A line that has not yet said who it is. */
export interface Newcomer {
  readonly socket: Socket
  /** Whom it shares its turns with. */
  readonly address: string
}

interface Unknown extends Newcomer {
  /** For the first byte, then for the handshake; null while it waits for its turn or is another's business. */
  dueMs: number | null
}

interface EntranceParts {
  readonly limits: BrokerLimits
  readonly refusals: Refusals
  readonly tls: TlsMaterial
  /** Monotonic. */
  readonly tickMs: () => number
  /** A line that may now speak MQTT. */
  readonly onLine: (line: Socket | TLSSocket, newcomer: Newcomer) => void
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress}:${localPort} ${remoteAddress}:${remotePort}`
}

/**
 * Where lines come in: counted, and let into the TLS handshake at a rate the process can bear, by turns of the addresses
 * they come from. Who connects a thousand times waits longest; who is already in notices nothing.
 */
export class Entrance {
  readonly #parts: EntranceParts
  readonly #server: Server
  readonly #handshakes: TokenBucket
  readonly #waiting = new WaitingRoom<Unknown>()
  readonly #lines = new Set<Socket>()
  /** Address → those from there who are not yet known. */
  readonly #unknown = new Map<string, Set<Unknown>>()
  #unknownCount = 0
  readonly #shaking = new Map<string, Unknown>()
  #timer: NodeJS.Timeout | null = null

  constructor(parts: EntranceParts) {
    const { limits, tls, tickMs } = parts
    this.#parts = parts
    this.#handshakes = new TokenBucket(limits.handshakes, tickMs())
    this.#server = tlsServer(tls, 2 * limits.handshakeMs, {
      onSecure: line => this.#secured(line),
      onFailed: (line, error) => this.#failed(line, error),
    })
  }

  get connections(): number {
    return this.#lines.size
  }

  /** A socket that was accepted. */
  accept(socket: Socket, isSecure: boolean): void {
    const { limits, tickMs, onLine } = this.#parts
    const address = sharedAddress(socket.remoteAddress)
    const newcomer: Unknown = { socket, address, dueMs: isSecure ? tickMs() + limits.handshakeMs : null }
    socket.on('error', () => undefined) // followed by its close
    socket.setNoDelay(true)
    if (this.#lines.size >= limits.connections) {
      this.#turnAway(newcomer, refuse('too-many-connections', `expected at most ${limits.connections} at once`))
      return
    }
    if (this.#unknownCount >= limits.unauthenticated && !this.#makeRoomFor(newcomer)) return
    this.#lines.add(socket)
    this.#enter(newcomer)
    socket.once('close', () => {
      this.#lines.delete(socket)
      this.#waiting.remove(address, newcomer)
      this.known(newcomer)
    })
    if (!isSecure) onLine(socket, newcomer)
    // a line that says nothing uses up no turn
    else
      socket.once('readable', () => {
        if (socket.destroyed) return
        newcomer.dueMs = null
        this.#waiting.add(address, newcomer)
        this.#admit()
      })
  }

  /** It has said who it is, or is gone. */
  known(newcomer: Newcomer): void {
    const there = this.#unknown.get(newcomer.address)
    if (there?.delete(newcomer as Unknown) !== true) return
    this.#unknownCount--
    if (there.size === 0) this.#unknown.delete(newcomer.address)
  }

  /** Ends the handshakes that stand still. */
  sweep(): void {
    const nowMs = this.#parts.tickMs()
    const { handshakeMs } = this.#parts.limits
    for (const there of this.#unknown.values())
      for (const one of there)
        if (one.dueMs !== null && nowMs >= one.dueMs)
          this.#turnAway(one, refuse('handshake-slow', `expected the TLS handshake within ${handshakeMs} ms`))
  }

  replaceCertificate(material: TlsMaterial): void {
    changeCertificate(this.#server, material)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const socket of this.#lines) socket.destroy()
  }

  #enter(newcomer: Unknown): void {
    const there = this.#unknown.get(newcomer.address) ?? new Set<Unknown>()
    this.#unknown.set(newcomer.address, there)
    there.add(newcomer)
    this.#unknownCount++
  }

  /** The address that has most waiting gives one up, unless it is the newcomer's own. */
  #makeRoomFor(newcomer: Unknown): boolean {
    const crowd = [...this.#unknown.values()].reduce((largest, there) => (there.size > largest.size ? there : largest))
    const refusal = refuse('too-many-unauthenticated', `${this.#unknownCount} wait already, of here ${crowd.size}`)
    const last = [...crowd].at(-1)
    if (last === undefined || crowd.size <= (this.#unknown.get(newcomer.address)?.size ?? 0) + 1) {
      this.#turnAway(newcomer, refusal)
      return false
    }
    this.#turnAway(last, refusal)
    this.known(last) // its close comes later
    return true
  }

  #turnAway({ socket }: Newcomer, refusal: Refusal): void {
    this.#parts.refusals.noteAt({ remote: socket.remoteAddress ?? null }, refusal)
    this.#shaking.delete(endsOf(socket))
    socket.destroy()
  }

  #admit(): void {
    if (this.#timer !== null) return
    const { tickMs } = this.#parts
    while (this.#waiting.size > 0) {
      const waitMs = this.#handshakes.waitMs(tickMs())
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = null
          this.#admit()
        }, waitMs)
        return
      }
      const next = this.#waiting.take()
      if (next !== null) this.#shakeHands(next)
    }
  }

  #shakeHands(newcomer: Unknown): void {
    const { limits, tickMs } = this.#parts
    if (newcomer.socket.destroyed) return
    this.#handshakes.spend(1, tickMs())
    newcomer.dueMs = tickMs() + limits.handshakeMs
    this.#shaking.set(endsOf(newcomer.socket), newcomer)
    this.#server.emit('connection', newcomer.socket)
  }

  #secured(line: TLSSocket): void {
    const ends = endsOf(line)
    const newcomer = this.#shaking.get(ends)
    this.#shaking.delete(ends)
    if (newcomer === undefined) line.destroy()
    else {
      newcomer.dueMs = null
      this.#parts.onLine(line, newcomer)
    }
  }

  #failed(line: TLSSocket, error: Error): void {
    const ends = endsOf(line)
    const newcomer = this.#shaking.get(ends)
    this.#shaking.delete(ends)
    if (newcomer !== undefined) this.#turnAway(newcomer, refuse('handshake-failed', describeError(error)))
    line.destroy()
  }
}
