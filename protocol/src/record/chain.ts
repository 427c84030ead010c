/*
 * The chain that makes a lost or altered record visible. Source: formats.md §5.
 *
 *   genesis = link(0) = SHA-256("ankang/v1 chain" ‖ CBOR [device id, device public key, epoch, predecessor])
 *   link(n) = SHA-256(link(n−1) ‖ u64be(n) ‖ SHA-256(body n))
 */
import { concatBytes, u64be, utf8 } from '../codec/bytes.ts'
import { encodeCbor } from '../codec/cbor-encode.ts'
import { sha256 } from '../crypto.ts'

/** The head of the epoch before: where its chain stood when this one began. */
export interface Predecessor {
  readonly epoch: Uint8Array
  readonly seq: number
  readonly link: Uint8Array
}

/** One run of a chain: a journal's life on one device under one key. */
export interface Epoch {
  readonly device: string
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Random, 8 bytes. */
  readonly epoch: Uint8Array
  readonly predecessor: Predecessor | null
}

/** A place in a chain. */
export interface Head {
  readonly epoch: Uint8Array
  /** 0 before the first record. */
  readonly seq: number
  readonly link: Uint8Array
}

const DOMAIN = utf8('ankang/v1 chain')

export function predecessorToCbor(predecessor: Predecessor | null): readonly [Uint8Array, number, Uint8Array] | null {
  return predecessor === null ? null : [predecessor.epoch, predecessor.seq, predecessor.link]
}

export function genesisLink({ device, publicKey, epoch, predecessor }: Epoch): Uint8Array {
  return sha256(concatBytes(DOMAIN, encodeCbor([device, publicKey, epoch, predecessorToCbor(predecessor)])))
}

/** `seq` counts from 1 in each epoch. */
export function nextLink(previous: Uint8Array, seq: number, bodyHash: Uint8Array): Uint8Array {
  return sha256(previous, u64be(seq), bodyHash)
}
