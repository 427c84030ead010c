/*
 * What an on-board unit says on its serial line: sentences in the manner of NMEA 0183, in ASCII.
 *
 *   $BUS,<line>,<run>,<direction>,<stop>*HH CR LF     every few seconds, and at each stop
 *   $KEY,<counter>*HH CR LF                           at each press of the driver's key
 *
 *   line, run    1 to 16 of A-Z a-z 0-9 -
 *   direction    U up, D down
 *   stop         1 to 999, without leading zeros
 *   counter      0 to 999999, without leading zeros; another one for each press. A press may be said up to three times
 *                with the same counter, as lines lose bytes.
 *   HH           exclusive or of all characters between $ and *, two hexadecimal digits in upper case
 *
 * The checksum finds every change of a single bit. A decoder takes a sentence with its line end or without, and nothing
 * else beside it.
 */
import { UsageError } from '@ankang/protocol'
import type { VehiclePosition } from '../ports/vehicle.ts'

export type VehicleSentence =
  | { readonly kind: 'position'; readonly position: VehiclePosition }
  | { readonly kind: 'key'; readonly counter: number }

/** `other-sentence` checks and is none of ours, as a navigation unit's on the same line. */
export type VehicleSentenceFault = 'bad-checksum' | 'bad-form' | 'other-sentence'

export type DecodedVehicleSentence =
  | { readonly ok: true; readonly sentence: VehicleSentence }
  | { readonly ok: false; readonly why: VehicleSentenceFault }

/** The longest sentence has 49 bytes with its line end; what is far beyond is no such line. */
export const MAX_SENTENCE_BYTES = 128

const FRAME = /^\$([^$*\r\n]*)\*([0-9A-F]{2})\r?\n?$/
const BUS = /^BUS,([A-Za-z0-9-]{1,16}),([A-Za-z0-9-]{1,16}),([UD]),([1-9]\d{0,2})$/
const KEY = /^KEY,(0|[1-9]\d{0,5})$/

/** A sentence with its line end. Throws UsageError `vehicle-sentence-invalid` where no decoder would take it. */
export function encodeVehicleSentence(sentence: VehicleSentence): Uint8Array {
  const content = contentOf(sentence)
  if (parseContent(content) === null)
    throw new UsageError(
      'vehicle-sentence-invalid',
      `expected line and run of 1 to 16 letters, digits and -, stop 1 to 999, counter 0 to 999999; got ${content}`,
    )
  return new TextEncoder().encode(`$${content}*${checksum(content)}\r\n`)
}

/** A sentence with or without its line end. Never throws. */
export function decodeVehicleSentence(bytes: Uint8Array): DecodedVehicleSentence {
  if (bytes.length > MAX_SENTENCE_BYTES) return { ok: false, why: 'bad-form' }
  // One character a byte: the checksum is over bytes, and what is not ASCII matches nothing below.
  const [, content, sum] = FRAME.exec(String.fromCharCode(...bytes)) ?? []
  if (content === undefined) return { ok: false, why: 'bad-form' }
  if (checksum(content) !== sum) return { ok: false, why: 'bad-checksum' }
  const sentence = parseContent(content)
  if (sentence !== null) return { ok: true, sentence }
  return { ok: false, why: /^(BUS|KEY)\b/.test(content) ? 'bad-form' : 'other-sentence' }
}

function contentOf(sentence: VehicleSentence): string {
  if (sentence.kind === 'key') return `KEY,${sentence.counter}`
  const { line, run, direction, stop } = sentence.position
  return `BUS,${line},${run},${direction === 'up' ? 'U' : 'D'},${stop}`
}

function parseContent(content: string): VehicleSentence | null {
  const [, counter] = KEY.exec(content) ?? []
  if (counter !== undefined) return { kind: 'key', counter: Number(counter) }
  const [, line, run, direction, stop] = BUS.exec(content) ?? []
  if (line === undefined || run === undefined) return null
  return { kind: 'position', position: { line, run, direction: direction === 'U' ? 'up' : 'down', stop: Number(stop) } }
}

function checksum(content: string): string {
  let sum = 0
  for (let at = 0; at < content.length; at++) sum ^= content.charCodeAt(at)
  return sum.toString(16).toUpperCase().padStart(2, '0')
}
