import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type Refusal, refuse } from '../refusals.ts'
import type { BrokerLimits, LineLimits } from './broker-limits.ts'
import type { Caller } from './caller.ts'
import type { ProvenCertificate } from './client-certificate.ts'
import { PACKET, PacketScanner } from './packet-scanner.ts'
import { RecentLetters } from './recent-letters.ts'
import type { TokenBucket } from './token-bucket.ts'

/** What is handed to the socket at a time, so that its progress can be seen. */
const PIECE_BYTES = 64 * 1024
/** A packet's pieces are gathered up to here: a byte at a time costs the broker no more than a packet at a time. */
const GATHER_BYTES = 16 * 1024
const GATHER_PIECES = 64
/** What a read costs beside its bytes. */
const READ_COST_BYTES = 256
/** For a CONNACK that says why to get out, and for what came before an end to be read. */
const GOODBYE_MS = 1000

/** What one caller may still use; shared by its lines, so that coming again is no way round it. */
export interface Allowances {
  readonly packets: TokenBucket
  readonly bytes: TokenBucket
}

interface GuardedOptions {
  readonly socket: Socket
  readonly certificate: ProvenCertificate | null
  readonly limits: BrokerLimits
  /** Monotonic. */
  readonly tickMs: () => number
  readonly onRefused: (connection: GuardedConnection, refusal: Refusal) => void
  /** It has said who it is and was taken in. */
  readonly onOpen: () => void
}

/**
 * A line between socket and broker. Nothing after CONNECT is read before its CONNACK is out; nothing over the limits is
 * read at all: the other end is held back, and the broker never sees more than it can work off.
 */
export class GuardedConnection extends Duplex {
  readonly certificate: ProvenCertificate | null
  readonly remote: string
  /** Filters granted on this line. */
  readonly filters = new Set<string>()
  readonly recent = new RecentLetters()
  readonly #options: GuardedOptions
  readonly #scanner = new PacketScanner()
  #caller: Caller | null = null
  #line: LineLimits | null = null
  #allowances: Allowances | null = null
  #stage: 'connect' | 'connack' | 'open' = 'connect'
  #refused = false
  #input: Buffer | null = null
  #at = 0
  #gathered: Buffer[] = []
  #gatheredBytes = 0
  #readerIsFull = false
  #inflight = 0
  #timer: NodeJS.Timeout | null = null
  #dueMs: number
  #heldSinceMs: number | null = null
  #writingSinceMs: number | null = null

  constructor(options: GuardedOptions) {
    const { socket, certificate, limits, tickMs } = options
    super({ writableHighWaterMark: 2 * Math.max(limits.device.outgoingBytes, limits.tool.outgoingBytes) })
    this.#options = options
    this.certificate = certificate
    this.remote = socket.remoteAddress ?? 'gone'
    this.#dueMs = tickMs() + limits.connectMs
    socket.on('data', chunk => {
      this.#input = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      this.#at = 0
      this.#allowances?.bytes.spend(this.#input.length + READ_COST_BYTES, tickMs())
      this.#work()
    })
    let ended = false
    socket.on('end', () => {
      ended = true
      this.push(null)
    })
    socket.on('error', error => this.destroy(error))
    socket.on('close', () => {
      // what came before the end is still to be read, above all a DISCONNECT
      if (ended) setTimeout(() => this.destroy(), GOODBYE_MS).unref()
      else this.destroy()
    })
  }

  /** Null before CONNECT was judged. */
  get caller(): Caller | null {
    return this.#caller
  }

  /** Whether its CONNACK is out. */
  get isOpen(): boolean {
    return this.#stage === 'open' && !this.destroyed
  }

  get isRefused(): boolean {
    return this.#refused
  }

  /** Whether more waits for its reader than may. */
  get isCongested(): boolean {
    return this.writableLength > (this.#line?.outgoingBytes ?? 0)
  }

  /** CONNECT was good. */
  admit(caller: Caller, line: LineLimits, allowances: Allowances): void {
    this.#caller = caller
    this.#line = line
    this.#allowances = allowances
  }

  /** CONNACK is out: what comes now is read. */
  open(): void {
    this.#stage = 'open'
    this.#options.onOpen()
    this.#work()
  }

  /** The broker is done with a PUBLISH of this line. */
  workedOff(): void {
    this.#inflight = Math.max(0, this.#inflight - 1)
    this.#work()
  }

  /** Something was refused, and the line goes on. */
  remark(refusal: Refusal): void {
    this.#options.onRefused(this, refusal)
  }

  /** Says once why this line ends; who calls it sees to it that it does. */
  note(refusal: Refusal): void {
    if (this.#refused) return
    this.#refused = true
    this.#options.onRefused(this, refusal)
  }

  /** Ends the line at once. */
  cut(refusal: Refusal): void {
    if (this.destroyed) return
    this.note(refusal)
    this.#options.socket.destroy()
    this.destroy()
  }

  /** What has taken too long, null where nothing has. */
  overdue(): Refusal | null {
    const { limits, tickMs } = this.#options
    const nowMs = tickMs()
    if (this.#writingSinceMs !== null && nowMs - this.#writingSinceMs > limits.drainMs)
      return refuse('slow-subscriber', `expected ${PIECE_BYTES} bytes to be taken within ${limits.drainMs} ms`)
    if (this.#heldSinceMs !== null || nowMs < this.#dueMs) return null
    if (this.#stage === 'connect') return refuse('connect-slow', `expected CONNECT within ${limits.connectMs} ms`)
    return this.#scanner.isInside ? refuse('packet-slow', 'a packet was begun and did not end in its time') : null
  }

  override _read(): void {
    this.#readerIsFull = false
    this.#work()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { socket, tickMs } = this.#options
    this.#writingSinceMs = tickMs()
    socket.write(chunk.subarray(0, PIECE_BYTES), error => {
      this.#writingSinceMs = null
      if (error !== null && error !== undefined) done(error)
      else if (chunk.length > PIECE_BYTES) this._write(chunk.subarray(PIECE_BYTES), 'binary', done)
      else done()
    })
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#options.socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { socket } = this.#options
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#input = null
    this.#gathered = []
    if (error !== null) socket.destroy()
    else if (!socket.destroyed) {
      socket.destroySoon()
      setTimeout(() => socket.destroy(), GOODBYE_MS).unref()
    }
    done(error)
  }

  /** Why no more may be read now: milliseconds to wait, or until something happens; null where it may. */
  #hold(): number | 'event' | null {
    if (this.#stage === 'connack' || this.#readerIsFull) return 'event'
    if (this.#line !== null && this.#inflight > this.#line.inflight) return 'event'
    if (this.#allowances === null) return null
    const nowMs = this.#options.tickMs()
    const { packets, bytes } = this.#allowances
    const waitMs = Math.max(this.#scanner.isInside ? 0 : packets.waitMs(nowMs), bytes.waitMs(nowMs))
    return waitMs > 0 ? waitMs : null
  }

  #work(): void {
    while (this.#input !== null && !this.destroyed) {
      const hold = this.#hold()
      if (hold !== null) {
        this.#pause(hold)
        return
      }
      this.#step(this.#input)
    }
    if (!this.destroyed) this.#resume()
  }

  #pause(hold: number | 'event'): void {
    const { socket, tickMs } = this.#options
    this.#heldSinceMs ??= tickMs()
    socket.pause()
    if (hold === 'event' || this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#work()
    }, hold)
  }

  /** Time held back by us is not the other end's. */
  #resume(): void {
    if (this.#heldSinceMs !== null) this.#dueMs += this.#options.tickMs() - this.#heldSinceMs
    this.#heldSinceMs = null
    if (this.#options.socket.isPaused()) this.#options.socket.resume()
  }

  #step(input: Buffer): void {
    const wasInside = this.#scanner.isInside
    const event = this.#scanner.next(input, this.#at)
    if (event.kind === 'malformed') {
      this.cut(refuse('protocol-broken', 'expected a remaining length of at most four bytes'))
      return
    }
    this.#gather(input.subarray(this.#at, event.kind === 'more' ? undefined : event.at))
    if (event.kind === 'more') {
      this.#input = null
      if (!wasInside && this.#scanner.isInside) this.#expectWithin(0)
      return
    }
    this.#at = event.at
    if (event.kind === 'header') this.#begin(event.type, event.lengthBytes)
    else this.#finish()
  }

  #begin(type: number, lengthBytes: number): void {
    const { limits, tickMs } = this.#options
    const longest = type === PACKET.publish ? (this.#line?.publishPacketBytes ?? 0) : limits.controlPacketBytes
    if (this.#stage === 'connect' && type !== PACKET.connect)
      this.cut(refuse('protocol-broken', `expected CONNECT first, got packet type ${type}`))
    else if (lengthBytes > longest)
      this.cut(refuse('packet-too-large', `expected at most ${longest} bytes, packet type ${type} says ${lengthBytes}`))
    this.#expectWithin(lengthBytes)
    if (type === PACKET.publish) this.#inflight++
    this.#allowances?.packets.spend(1, tickMs())
  }

  #finish(): void {
    if (this.#stage === 'connect') this.#stage = 'connack'
    this.#flush()
  }

  /** CONNECT has a time of its own, however it is cut into pieces. */
  #expectWithin(lengthBytes: number): void {
    const { limits, tickMs } = this.#options
    if (this.#stage === 'connect') return
    this.#dueMs = tickMs() + limits.packetMs + (lengthBytes / limits.slowestBytesPerSecond) * 1000
  }

  #gather(bytes: Buffer): void {
    if (bytes.length === 0 || this.destroyed) return
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    if (this.#gatheredBytes >= GATHER_BYTES) this.#flush()
    else if (this.#gathered.length >= GATHER_PIECES) this.#gathered = [Buffer.concat(this.#gathered)]
  }

  #flush(): void {
    if (this.destroyed || this.#gatheredBytes === 0) return
    const [only, ...more] = this.#gathered
    const bytes = only === undefined || more.length > 0 ? Buffer.concat(this.#gathered) : only
    this.#gathered = []
    this.#gatheredBytes = 0
    if (!this.push(bytes)) this.#readerIsFull = true
  }
}
