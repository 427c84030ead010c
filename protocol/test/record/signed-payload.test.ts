import {
  encodeCbor,
  encodeSign1,
  fromHex,
  type Grant,
  grantFormat,
  headFormat,
  type Receipt,
  receiptFormat,
  type SignedHead,
  VERDICTS,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { describeSigned, SIGNING_KEY as KEY, SIGNING_KID as KID, signedSubject } from '../signed-subject.ts'

const EPOCH = fromHex('0102030405060708')
const LINK = new Uint8Array(32).fill(7)

const RECEIPT: Receipt = {
  device: 'door-1',
  epoch: EPOCH,
  storedThrough: 12,
  linkThere: LINK,
  pruneThrough: 10,
  timeMs: 1_780_000_000_000,
  storeGeneration: new Uint8Array(8).fill(3),
  verdict: 'ok',
}
const HEAD: SignedHead = { device: 'door-1', epoch: EPOCH, seq: 12, link: LINK, timeMs: 1_780_000_000_000 }
const GRANT: Grant = { device: 'door-1', epoch: EPOCH, issuedAt: 1_780_000_000 }

const SUBJECTS = [
  signedSubject({
    name: 'receipt',
    format: receiptFormat,
    content: RECEIPT,
    signer: 'centre',
    map: new Map<number, unknown>([
      [1, 'door-1'],
      [2, EPOCH],
      [3, 12],
      [4, LINK],
      [5, 10],
      [6, RECEIPT.timeMs],
      [7, RECEIPT.storeGeneration],
      [8, 0],
    ]),
  }),
  signedSubject({
    name: 'head',
    format: headFormat,
    content: HEAD,
    signer: 'device',
    map: new Map<number, unknown>([
      [1, 'door-1'],
      [2, EPOCH],
      [3, 12],
      [4, LINK],
      [5, HEAD.timeMs],
    ]),
  }),
  signedSubject({
    name: 'grant',
    format: grantFormat,
    content: GRANT,
    signer: 'centre',
    map: new Map<number, unknown>([
      [1, 'door-1'],
      [2, EPOCH],
      [3, GRANT.issuedAt],
    ]),
  }),
]

for (const subject of SUBJECTS) describeSigned(subject, SUBJECTS)

describe('a receipt', () => {
  const encodeWith = (changed: Partial<Receipt>) => receiptFormat.encode({ ...RECEIPT, ...changed }, KEY, KID)

  it('carries each verdict', () => {
    for (const verdict of VERDICTS) {
      const payload = receiptFormat.decode(encodeWith({ verdict }))
      expect(payload.ok && payload.value.content.verdict).toBe(verdict)
    }
    const unknown = new Map([...(SUBJECTS[0]?.map ?? []), [8, 3]])
    expect(receiptFormat.decode(encodeSign1(encodeCbor(unknown), KEY, 'ak1/receipt', KID)).ok).toBe(false)
  })

  it('never lets more be pruned than is stored', () => {
    expect(receiptFormat.decode(encodeWith({ pruneThrough: 12 })).ok).toBe(true)
    expect(receiptFormat.decode(encodeWith({ pruneThrough: 13 })).ok).toBe(false)
  })
})
