/*
 * What the centre holds, signed. Source: formats.md §5.
 *
 *   {1: device, 2: epoch, 3: stored through (contiguous), 4: link there, 5: prune through, 6: time ms, 7: store generation, 8: verdict}
 *   aad `ak1/receipt`, a key the bundle delegates. Nothing stored yet: 3 = 0, 4 = genesis.
 */
import { asBytes, asText, asUint } from '../codec/cbor-narrow.ts'
import { signedFormat } from './signed-payload.ts'

/** In the order of their numbers, from 0. */
export const VERDICTS = ['ok', 'conflict', 'unknown-predecessor'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Receipt {
  readonly device: string
  readonly epoch: Uint8Array
  readonly storedThrough: number
  readonly linkThere: Uint8Array
  /** Replicated or backed up through here; 0 while there is neither. */
  readonly pruneThrough: number
  readonly timeMs: number
  /** Random at each create or restore of the store, 8 bytes. */
  readonly storeGeneration: Uint8Array
  readonly verdict: Verdict
}

export const receiptFormat = signedFormat<Receipt>({
  aad: 'ak1/receipt',
  signer: 'kid',
  write: receipt =>
    new Map<number, unknown>([
      [1, receipt.device],
      [2, receipt.epoch],
      [3, receipt.storedThrough],
      [4, receipt.linkThere],
      [5, receipt.pruneThrough],
      [6, receipt.timeMs],
      [7, receipt.storeGeneration],
      [8, VERDICTS.indexOf(receipt.verdict)],
    ]),
  read: map => {
    const device = asText(map.get(1))
    const epoch = asBytes(map.get(2), 8, 8)
    const storedThrough = asUint(map.get(3))
    const linkThere = asBytes(map.get(4), 32, 32)
    const pruneThrough = asUint(map.get(5))
    const timeMs = asUint(map.get(6))
    const storeGeneration = asBytes(map.get(7), 8, 8)
    const verdict = VERDICTS[asUint(map.get(8)) ?? VERDICTS.length]
    if (device === null || epoch === null || storedThrough === null || linkThere === null || pruneThrough === null)
      return null
    if (timeMs === null || storeGeneration === null || verdict === undefined || pruneThrough > storedThrough)
      return null
    return { device, epoch, storedThrough, linkThere, pruneThrough, timeMs, storeGeneration, verdict }
  },
})
