import { decodeCbor, encodeCbor, fromHex, type Presentation, sha256, showingTag, Tagged, toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { judge, NOW, verifyShown, type World } from '../ak1-world.ts'
import { compareBytesAsBytes } from '../equal-bytes.ts'
import { certificate, checkpoint, coseOf, hc1TextOf } from '../hc1-world.ts'

compareBytesAsBytes()

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The same certificate with the other signature that verifies: what anybody can make of one they hold. */
function twinOf(cose: Uint8Array): Uint8Array {
  const decoded = decodeCbor(cose, { maxBytes: 8192, maxDepth: 8, foreign: true })
  const message = decoded.ok && decoded.value instanceof Tagged ? (decoded.value.value as unknown[]) : []
  const signature = message[3] as Uint8Array
  const s = BigInt(`0x${toHex(signature.subarray(32))}`)
  const twin = Uint8Array.from([...signature.subarray(0, 32), ...fromHex((ORDER - s).toString(16).padStart(64, '0'))])
  return encodeCbor(new Tagged(18, [message[0], new Map(message[1] as Map<unknown, unknown>), message[2], twin]))
}

const cose = coseOf({ ...certificate(), tags: [18] })
const [original, twin] = [hc1TextOf(cose), hc1TextOf(twinOf(cose))]

function presented(text: string): Presentation {
  return verifyShown(checkpoint(), text).presentation ?? expect.fail('not verified')
}

describe('the twin of a certificate’s signature', () => {
  it('verifies, and each names the other’s id beside its own', () => {
    const [one, other] = [presented(original), presented(twin)]
    expect(one.credentialId).not.toEqual(other.credentialId)
    expect(one.otherIds).toEqual([other.credentialId])
    expect(other.otherIds).toEqual([one.credentialId])
  })

  it('is denied where the certificate is', () => {
    const denying = (id: Uint8Array): World => {
      const shown = checkpoint()
      shown.denied = [{ family: 'hc1', issuer: 'FR', id: toHex(id) }]
      return shown
    }
    for (const text of [original, twin])
      for (const id of [presented(original).credentialId, presented(twin).credentialId])
        expect(judge(denying(id), text).reason).toBe('denied-credential')
    expect(judge(denying(sha256(new Uint8Array(1)).subarray(0, 16)), twin).reason).toBe('ok')
  })

  it('is remembered with it: who showed one cannot show the other', () => {
    const decision = judge(checkpoint(), original)
    expect(decision.marks.map(({ until }) => until)).toEqual([NOW + 300, NOW + 300])
    expect(decision.marks.map(({ tag }) => tag)).toContainEqual(showingTag(presented(twin)))
  })
})
