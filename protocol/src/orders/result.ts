/* What came of an order, signed by the box. Source: formats.md §6: {1: device, 2: id, 3: time ms, 4: ok, 5: detail}, aad `ak1/result`. */
import { asText, asUint } from '../codec/cbor-narrow.ts'
import { signedFormat } from '../record/signed-payload.ts'
import { isTopicId } from '../topics/topics.ts'

export const MAX_RESULT_DETAIL_CHARS = 2000
/** The longest detail takes 6,000 bytes where it is Chinese. */
export const MAX_RESULT_BYTES = 8192

export interface OrderResult {
  readonly device: string
  readonly id: string
  /** Unix milliseconds of the device. */
  readonly timeMs: number
  readonly ok: boolean
  /** A code such as `done` or `expired`, or the JSON of what was asked for. Names no person. */
  readonly detail: string
}

export const resultFormat = signedFormat<OrderResult>({
  aad: 'ak1/result',
  signer: 'no-kid',
  maxBytes: MAX_RESULT_BYTES,
  write: result =>
    new Map<number, unknown>([
      [1, result.device],
      [2, result.id],
      [3, result.timeMs],
      [4, result.ok],
      [5, result.detail],
    ]),
  read: map => {
    const device = asText(map.get(1))
    const id = asText(map.get(2))
    const timeMs = asUint(map.get(3))
    const ok = map.get(4)
    const detail = asText(map.get(5))
    if (device === null || id === null || !isTopicId(id) || timeMs === null || typeof ok !== 'boolean') return null
    return detail === null || detail.length > MAX_RESULT_DETAIL_CHARS ? null : { device, id, timeMs, ok, detail }
  },
})
