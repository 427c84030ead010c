/*
 * Cuts what a scanner sends into codes. No input or output: bytes and times go in, events come out.
 *
 *   delimiter  a frame is                      silence of the gap means
 *   cr         bytes up to CR                  an unfinished frame is broken: dropped
 *   lf         bytes up to LF                  the same
 *   crlf       bytes up to CR LF together      the same
 *   etx        [STX] bytes up to ETX           the same
 *   idle       bytes between two silences      the frame is whole
 *
 * Nothing but the delimiter is taken off a frame. After CR one LF that follows at once belongs to the CR: scanners are
 * often set to CR LF. Memory is bounded by `maxBytes`, whatever comes.
 *
 * Some codes are raw bytes, delimiters among them, and say their length themselves. With a delimiter, a frame whose first
 * bytes declare one (`declaredLength`) holds that many bytes, whatever they are. Then comes
 *
 *   the delimiter   the frame ends like others
 *   another byte    the frame ends before it, and the byte begins the next: a lost delimiter loses no code, and after a
 *                   lost byte, for which the delimiter was taken into the frame, only this code is broken
 *   silence         the frame ends: it is whole by its own word
 *   half a CR LF    the frame ends, and the half goes with it: glued to the next code it would hide that one's header
 *
 * A silence before that many bytes are there ends a frame that closes with the delimiter: a code that says more than it has,
 * for its family to refuse. Any other is dropped, as without a declaration. A length beyond `maxBytes` is noise, not
 * believed: to wait for so much would swallow the codes that follow.
 */

export type LineDelimiter = 'cr' | 'lf' | 'crlf' | 'etx' | 'idle'

/**
 * Length in bytes, header included, of a code that starts with these bytes, by its own header; null when it declares none
 * or too few bytes are there yet. Pure; asked once for each of the first bytes of a frame.
 */
export type DeclaredLength = (head: Uint8Array) => number | null

export interface LineFraming {
  readonly delimiter: LineDelimiter
  /** Longest frame accepted, without its delimiter. */
  readonly maxBytes: number
  readonly declaredLength?: DeclaredLength
}

export interface LineFrame {
  readonly kind: 'frame'
  readonly bytes: Uint8Array
  /** When its first byte came. */
  readonly startedAtMs: number
}

export type LineEvent =
  | LineFrame
  /** `too-long` comes once, when the limit is passed; what follows is skipped until `resumed`. */
  | { readonly kind: 'dropped'; readonly why: 'too-long' | 'incomplete'; readonly startedAtMs: number }
  | { readonly kind: 'resumed' }

const STX = 0x02
const ETX = 0x03
const LF = 0x0a
const CR = 0x0d

/** A header says its length within so many bytes, or not at all. */
const MAX_HEAD_BYTES = 8

const END_BYTE: Readonly<Record<LineDelimiter, number | null>> = { cr: CR, lf: LF, crlf: LF, etx: ETX, idle: null }

/** Bytes of a line in, frames out; the same stream gives the same frames however it is chunked. */
export class LineFramer {
  readonly #framing: LineFraming
  readonly #endByte: number | null
  /** One byte more than a frame may have: in `crlf` the CR is in it until its LF comes. */
  readonly #buffer: Uint8Array
  #length = 0
  #startedAtMs: number | null = null
  #skipping = false
  /** Last byte before the current one, also across chunks and while skipping: half of a CR LF. */
  #previous: number | null = null
  #lfBelongsToCr = false
  /** Length of the frame by its own header, once that is there. */
  #declared: number | null = null
  /** Behind a frame of declared length, in `crlf`: the first half of its delimiter has come. */
  #crAfterDeclared = false

  constructor(framing: LineFraming) {
    this.#framing = framing
    this.#endByte = END_BYTE[framing.delimiter]
    this.#buffer = new Uint8Array(framing.maxBytes + 1)
  }

  /** Whether something has begun that a silence would end: only then need the gap be timed. */
  get isWaiting(): boolean {
    return this.#startedAtMs !== null || this.#skipping || this.#lfBelongsToCr
  }

  push(chunk: Uint8Array, nowMs: number): LineEvent[] {
    const events: LineEvent[] = []
    let at = this.#lfBelongsToCr && chunk[0] === LF ? 1 : 0
    if (chunk.length > 0) this.#lfBelongsToCr = false
    while (at < chunk.length) {
      this.#readHead(chunk, at)
      at =
        this.#declared === null
          ? this.#pushDelimited(chunk, at, nowMs, events)
          : this.#pushDeclared(chunk, at, this.#declared, nowMs, events)
    }
    return events
  }

  /** The line has been silent for the gap: ends what is unfinished, in the way the delimiter says. */
  silence(): LineEvent[] {
    const events: LineEvent[] = []
    this.#lfBelongsToCr = false
    const closing = this.#declared === null ? 0 : this.#closingBytes()
    if (this.#framing.delimiter === 'idle' || this.#skipping || this.#length === this.#declared) this.#finish(events)
    else if (closing > 0) {
      this.#length -= closing
      this.#finish(events)
    } else if (this.#startedAtMs !== null) {
      events.push({ kind: 'dropped', why: 'incomplete', startedAtMs: this.#startedAtMs })
      this.reset()
    }
    return events
  }

  /** How many bytes at the end of what is there are the delimiter, with the LF that scanners add to a CR; 0 where none are. */
  #closingBytes(): number {
    const [before, last] = this.#buffer.subarray(Math.max(0, this.#length - 2), this.#length)
    const isPair = before === CR && last === LF
    if (this.#framing.delimiter === 'crlf') return isPair ? 2 : 0
    if (this.#framing.delimiter === 'cr' && isPair) return 2
    return last === this.#endByte ? 1 : 0
  }

  /** The line itself was lost: forgets what has begun. */
  reset(): void {
    this.#length = 0
    this.#startedAtMs = null
    this.#skipping = false
    this.#previous = null
    this.#lfBelongsToCr = false
    this.#declared = null
    this.#crAfterDeclared = false
  }

  /** Whether the next byte may complete a header that says the frame's length. */
  get #awaitsHead(): boolean {
    return (
      this.#framing.declaredLength !== undefined &&
      this.#endByte !== null &&
      this.#declared === null &&
      !this.#skipping &&
      this.#length < Math.min(MAX_HEAD_BYTES, this.#framing.maxBytes)
    )
  }

  /** Looks at the byte at `at` together with what the frame has: in a header, delimiters are data too. */
  #readHead(chunk: Uint8Array, at: number): void {
    const byte = chunk[at]
    if (byte === undefined || !this.#awaitsHead || this.#opensWithStx(byte)) return
    this.#buffer[this.#length] = byte
    const lengthBytes = this.#length + 1
    const declared = this.#framing.declaredLength?.(this.#buffer.slice(0, lengthBytes)) ?? null
    if (declared === null || !Number.isInteger(declared)) return
    if (declared >= lengthBytes && declared <= this.#framing.maxBytes) this.#declared = declared
  }

  /** Takes bytes up to a delimiter; returns where to go on. */
  #pushDelimited(chunk: Uint8Array, from: number, nowMs: number, events: LineEvent[]): number {
    // While a header may still come every byte is looked at by itself, so that chunks make no difference.
    const until = this.#awaitsHead ? from + 1 : chunk.length
    const end = this.#findEnd(chunk, from, until)
    this.#take(chunk.subarray(from, end ?? until), nowMs, events)
    if (end === null) return until
    this.#startedAtMs ??= nowMs
    this.#finish(events)
    return this.#skipLf(chunk, end + 1)
  }

  /** Takes bytes of a frame of known length, then what ends it; returns where to go on. */
  #pushDeclared(chunk: Uint8Array, from: number, declared: number, nowMs: number, events: LineEvent[]): number {
    if (this.#length < declared) {
      const part = chunk.subarray(from, from + declared - this.#length)
      this.#startedAtMs ??= nowMs
      this.#buffer.set(part, this.#length)
      this.#length += part.length
      return from + part.length
    }
    if (this.#framing.delimiter === 'crlf' && !this.#crAfterDeclared && chunk[from] === CR) {
      this.#crAfterDeclared = true
      return from + 1
    }
    this.#finish(events)
    return chunk[from] === this.#endByte ? this.#skipLf(chunk, from + 1) : from
  }

  /** Where the next frame begins behind a delimiter that ended before `at`. */
  #skipLf(chunk: Uint8Array, at: number): number {
    if (this.#framing.delimiter !== 'cr') return at
    if (chunk[at] === LF) return at + 1
    this.#lfBelongsToCr = at === chunk.length
    return at
  }

  /** Index of the byte that ends the frame; in `crlf` that is the LF of a pair. */
  #findEnd(chunk: Uint8Array, from: number, until: number): number | null {
    if (this.#endByte === null) return null
    const part = chunk.subarray(from, until)
    let at = part.indexOf(this.#endByte)
    while (at !== -1 && this.#framing.delimiter === 'crlf') {
      const before = at > 0 ? part[at - 1] : this.#previous
      if (before === CR) break
      at = part.indexOf(this.#endByte, at + 1)
    }
    return at === -1 ? null : from + at
  }

  #opensWithStx(byte: number): boolean {
    return this.#framing.delimiter === 'etx' && this.#startedAtMs === null && byte === STX
  }

  #take(bytes: Uint8Array, nowMs: number, events: LineEvent[]): void {
    let rest = bytes
    const first = rest[0]
    if (first === undefined) return
    this.#previous = rest[rest.length - 1] ?? null
    if (this.#skipping) return
    const opensWithStx = this.#opensWithStx(first)
    this.#startedAtMs ??= nowMs
    if (opensWithStx) rest = rest.subarray(1)
    const total = this.#length + rest.length
    // A CR at the very limit may be half of the delimiter, which does not count.
    const allowed = this.#framing.maxBytes + (this.#framing.delimiter === 'crlf' && this.#previous === CR ? 1 : 0)
    if (total > allowed) {
      events.push({ kind: 'dropped', why: 'too-long', startedAtMs: this.#startedAtMs })
      this.#length = 0
      this.#skipping = true
      return
    }
    this.#buffer.set(rest, this.#length)
    this.#length = total
  }

  #finish(events: LineEvent[]): void {
    // What ends a frame of declared length never stood in the buffer.
    const length = this.#length - (this.#framing.delimiter === 'crlf' && this.#declared === null ? 1 : 0)
    if (this.#skipping) events.push({ kind: 'resumed' })
    else if (length > 0 && this.#startedAtMs !== null)
      events.push({ kind: 'frame', bytes: this.#buffer.slice(0, length), startedAtMs: this.#startedAtMs })
    this.reset()
  }
}
