/*
 * `ankang export`: JSON lines, bytes as hex. Source: formats.md §5. Per epoch its line, then its records in order, then its
 * batches, then its heads; checkpoints last.
 */
import { toHex } from '../codec/bytes.ts'
import { type Epoch, genesisLink, type Head } from './chain.ts'

export type ExportLine =
  | {
      readonly kind: 'epoch'
      readonly device: string
      readonly publicKey: string
      readonly epoch: string
      readonly predecessor: readonly [string, number, string] | null
      readonly genesis: string
    }
  | {
      readonly kind: 'record'
      readonly device: string
      readonly epoch: string
      readonly seq: number
      readonly bodyHash: string
      readonly link: string
      readonly body?: string
    }
  | {
      readonly kind: 'batch'
      readonly device: string
      readonly epoch: string
      readonly from: number
      readonly through: number
      readonly cose: string
    }
  | {
      readonly kind: 'head'
      readonly device: string
      readonly epoch: string
      readonly seq: number
      readonly cose: string
    }
  | { readonly kind: 'checkpoint'; readonly note: string }

export function epochLine(epoch: Epoch): ExportLine {
  const { device, publicKey, predecessor } = epoch
  return {
    kind: 'epoch',
    device,
    publicKey: toHex(publicKey),
    epoch: toHex(epoch.epoch),
    predecessor: predecessor === null ? null : [toHex(predecessor.epoch), predecessor.seq, toHex(predecessor.link)],
    genesis: toHex(genesisLink(epoch)),
  }
}

/** `body` is null where retention has deleted it; the chain stays checkable from its hash. */
export function recordLine(device: string, place: Head, bodyHash: Uint8Array, body: Uint8Array | null): ExportLine {
  const line = {
    kind: 'record',
    device,
    epoch: toHex(place.epoch),
    seq: place.seq,
    bodyHash: toHex(bodyHash),
    link: toHex(place.link),
  } as const
  return body === null ? line : { ...line, body: toHex(body) }
}

export function batchLine(
  device: string,
  epoch: Uint8Array,
  from: number,
  through: number,
  cose: Uint8Array,
): ExportLine {
  return { kind: 'batch', device, epoch: toHex(epoch), from, through, cose: toHex(cose) }
}

export function headLine(device: string, epoch: Uint8Array, seq: number, cose: Uint8Array): ExportLine {
  return { kind: 'head', device, epoch: toHex(epoch), seq, cose: toHex(cose) }
}
