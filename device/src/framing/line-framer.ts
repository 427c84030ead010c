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
 */

export type LineDelimiter = 'cr' | 'lf' | 'crlf' | 'etx' | 'idle'

export interface LineFraming {
  readonly delimiter: LineDelimiter
  /** Longest frame accepted, without its delimiter. */
  readonly maxBytes: number
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
      const end = this.#findEnd(chunk, at)
      const stop = end ?? chunk.length
      this.#take(chunk.subarray(at, stop), nowMs, events)
      at = stop
      if (end === null) break
      this.#startedAtMs ??= nowMs
      this.#finish(events)
      at += 1
      if (this.#framing.delimiter === 'cr') {
        if (chunk[at] === LF) at += 1
        else if (at === chunk.length) this.#lfBelongsToCr = true
      }
    }
    return events
  }

  /** The line has been silent for the gap: ends what is unfinished, in the way the delimiter says. */
  silence(): LineEvent[] {
    const events: LineEvent[] = []
    this.#lfBelongsToCr = false
    if (this.#framing.delimiter === 'idle' || this.#skipping) this.#finish(events)
    else if (this.#startedAtMs !== null) {
      events.push({ kind: 'dropped', why: 'incomplete', startedAtMs: this.#startedAtMs })
      this.reset()
    }
    return events
  }

  /** The line itself was lost: forgets what has begun. */
  reset(): void {
    this.#length = 0
    this.#startedAtMs = null
    this.#skipping = false
    this.#previous = null
    this.#lfBelongsToCr = false
  }

  /** Index of the byte that ends the frame; in `crlf` that is the LF of a pair. */
  #findEnd(chunk: Uint8Array, from: number): number | null {
    if (this.#endByte === null) return null
    let at = chunk.indexOf(this.#endByte, from)
    while (at !== -1 && this.#framing.delimiter === 'crlf') {
      const before = at > from ? chunk[at - 1] : this.#previous
      if (before === CR) break
      at = chunk.indexOf(this.#endByte, at + 1)
    }
    return at === -1 ? null : at
  }

  #take(bytes: Uint8Array, nowMs: number, events: LineEvent[]): void {
    let rest = bytes
    const first = rest[0]
    if (first === undefined) return
    this.#previous = rest[rest.length - 1] ?? null
    if (this.#skipping) return
    const opensWithStx = this.#framing.delimiter === 'etx' && this.#startedAtMs === null && first === STX
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
    const length = this.#length - (this.#framing.delimiter === 'crlf' ? 1 : 0)
    if (this.#skipping) events.push({ kind: 'resumed' })
    else if (length > 0 && this.#startedAtMs !== null)
      events.push({ kind: 'frame', bytes: this.#buffer.slice(0, length), startedAtMs: this.#startedAtMs })
    this.reset()
  }
}
