import {
  type CborMap,
  openSealed,
  openSealingSession,
  SEALED_FIELDS,
  type SealingSession,
  sessionSceneMap,
  sha256,
} from '@ankang/protocol'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { compareBytesAsBytes, everyBitFlipped } from '../equal-bytes.ts'

compareBytesAsBytes()

const COUNTY = nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(5))
const STRANGER = nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(6))

/** Numbers that are the same in each run: what is tested here is not their randomness. */
function countingRandom(): (lengthBytes: number) => Uint8Array {
  let next = 0
  return lengthBytes => Uint8Array.from({ length: lengthBytes }, () => next++ & 0xff)
}

const openSession = (): SealingSession => openSealingSession(COUNTY.publicKey, countingRandom())

const FIELDS: CborMap = new Map<number, Uint8Array | string>([
  [SEALED_FIELDS.subject, new Uint8Array(16).fill(1)],
  [SEALED_FIELDS.credentialId, new Uint8Array(12).fill(2)],
  [SEALED_FIELDS.maskedName, '张*三'],
])

const counterOf = (sealed: Uint8Array) => Number(Buffer.from(sealed).readBigUInt64BE(0))

describe('sealing', () => {
  it('opens with the county’s key, and gives back the subject', () => {
    const session = openSession()
    expect(openSealed(session.seal(FIELDS), session.announcement, COUNTY.secretKey)).toEqual({
      ok: true,
      value: FIELDS,
    })
  })

  it('opens any fields, among them those that end in zero bytes and those that end on the boundary', () => {
    const session = openSession()
    fc.assert(
      fc.property(fc.nat(100), fc.nat(255), (lengthBytes, byte) => {
        const fields: CborMap = new Map([[1, new Uint8Array(lengthBytes).fill(byte)]])
        expect(openSealed(session.seal(fields), session.announcement, COUNTY.secretKey)).toEqual({
          ok: true,
          value: fields,
        })
      }),
    )
  })

  it('opens as nacl.box does, by an opener that knows only the format', () => {
    const session = openSession()
    const sealed = session.seal(FIELDS)
    const { id, ephemeralPublicKey } = session.announcement
    const nonce = Uint8Array.from([...id, ...sealed.subarray(0, 8)])
    const plain = nacl.box.open(sealed.subarray(8), nonce, ephemeralPublicKey, COUNTY.secretKey)
    expect(plain?.length).toBe(64)
  })

  it('does not open with another key or another session', () => {
    const session = openSession()
    const sealed = session.seal(FIELDS)
    expect(openSealed(sealed, session.announcement, STRANGER.secretKey).ok).toBe(false)
    const other = openSealingSession(COUNTY.publicKey, length => new Uint8Array(length).fill(9)).announcement
    expect(openSealed(sealed, other, COUNTY.secretKey).ok).toBe(false)
  })

  it('does not open after any bit has changed, counter included', () => {
    const session = openSession()
    for (const [bit, changed] of everyBitFlipped(session.seal(FIELDS)))
      expect(openSealed(changed, session.announcement, COUNTY.secretKey).ok, `bit ${bit}`).toBe(false)
  })

  it('does not open when cut short', () => {
    const session = openSession()
    const sealed = session.seal(FIELDS)
    for (let length = 0; length < sealed.length; length++)
      expect(openSealed(sealed.subarray(0, length), session.announcement, COUNTY.secretKey).ok).toBe(false)
  })

  it('counts from 0, one number a box, so that no nonce serves twice', () => {
    const session = openSession()
    const boxes = Array.from({ length: 50 }, () => session.seal(FIELDS))
    expect(boxes.map(counterOf)).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect(new Set(boxes.map(box => Buffer.from(box).toString('hex'))).size).toBe(50)
  })

  it('pads to the next multiple of 32, and not at all when the map ends there', () => {
    const session = openSession()
    const sizeFor = (lengthBytes: number) => session.seal(new Map([[1, new Uint8Array(lengthBytes)]])).length - 8 - 16
    // map head, key and string head: 3 bytes up to 23, 4 from 24 on
    expect([0, 23, 28, 29, 60, 61].map(sizeFor)).toEqual([32, 32, 32, 64, 64, 96])
  })

  it('hides how long a name is', () => {
    const session = openSession()
    const sizes = ['张*', '欧阳*娜'].map(name => session.seal(new Map([...FIELDS, [3, name]])).length)
    expect(new Set(sizes).size).toBe(1)
  })

  it('announces its session: id, ephemeral key and whose key it seals to', () => {
    const { announcement } = openSession()
    expect(announcement.id).toHaveLength(16)
    expect(announcement.ephemeralPublicKey).toHaveLength(32)
    expect(announcement.recipientKeyHash).toEqual(sha256(COUNTY.publicKey).subarray(0, 8))
    expect(sessionSceneMap(announcement)).toEqual(
      new Map([
        [1, announcement.id],
        [2, announcement.ephemeralPublicKey],
        [3, announcement.recipientKeyHash],
      ]),
    )
  })

  it('draws fresh numbers for each session', () => {
    const random = countingRandom()
    const [first, second] = [openSealingSession(COUNTY.publicKey, random), openSealingSession(COUNTY.publicKey, random)]
    expect(first.announcement.id).not.toEqual(second.announcement.id)
    expect(first.announcement.ephemeralPublicKey).not.toEqual(second.announcement.ephemeralPublicKey)
  })
})
