import { fromHex } from '../codec/bytes.ts'

/** The points whose order divides eight, in every spelling, without the sign bit. Source: libsodium, ge25519_has_small_order. */
const SMALL_ORDER: readonly Uint8Array[] = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
].map(fromHex)

/** Whether anybody can make signatures that such a key verifies: a box enrolled under one could deny all it signs. */
export function isWeakPublicKey(raw: Uint8Array): boolean {
  return SMALL_ORDER.some(point =>
    point.every((byte, place) => byte === ((raw[place] ?? 0) & (place === 31 ? 0x7f : 0xff))),
  )
}
