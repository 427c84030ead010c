/* A device's own word on how far its chain goes. Source: formats.md §6: {1: device, 2: epoch, 3: seq, 4: link, 5: time ms}, aad `ak1/head`. */
import { asBytes, asText, asUint } from '../codec/cbor-narrow.ts'
import type { Head } from './chain.ts'
import { signedFormat } from './signed-payload.ts'

export interface SignedHead extends Head {
  readonly device: string
  readonly timeMs: number
}

export const headFormat = signedFormat<SignedHead>({
  aad: 'ak1/head',
  signer: 'no-kid',
  write: head =>
    new Map<number, unknown>([
      [1, head.device],
      [2, head.epoch],
      [3, head.seq],
      [4, head.link],
      [5, head.timeMs],
    ]),
  read: map => {
    const device = asText(map.get(1))
    const epoch = asBytes(map.get(2), 8, 8)
    const seq = asUint(map.get(3))
    const link = asBytes(map.get(4), 32, 32)
    const timeMs = asUint(map.get(5))
    return device === null || epoch === null || seq === null || link === null || timeMs === null
      ? null
      : { device, epoch, seq, link, timeMs }
  },
})
