import { createHash } from 'node:crypto'
import { epochLine, fromHex, genesisLink, nextLink, type Predecessor, toHex } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const DEVICE = 'hall-door-1'
const PUBLIC_KEY = Uint8Array.from({ length: 32 }, (_, index) => index)
const EPOCH = fromHex('0102030405060708')
const PREDECESSOR: Predecessor = { epoch: fromHex('1111111111111111'), seq: 300, link: new Uint8Array(32).fill(0x22) }

const sha256Hex = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex')

/* The chain once more, from the format's text and with nothing of ours: CBOR spelt out by hand. */
const DOMAIN_HEX = Buffer.from('ankang/v1 chain').toString('hex')
const START_HEX = `84${'6b'}${Buffer.from(DEVICE).toString('hex')}5820${Buffer.from(PUBLIC_KEY).toString('hex')}480102030405060708`

function linkByHand(previousHex: string, seq: number, bodyHex: string): string {
  return sha256Hex(previousHex + seq.toString(16).padStart(16, '0') + sha256Hex(bodyHex))
}

describe('the chain', () => {
  it('starts, without a predecessor, at the hash of device, key and epoch', () => {
    const genesis = genesisLink({ device: DEVICE, publicKey: PUBLIC_KEY, epoch: EPOCH, predecessor: null })
    expect(toHex(genesis)).toBe(sha256Hex(`${DOMAIN_HEX}${START_HEX}f6`))
  })

  it('starts, with a predecessor, at a hash that names its epoch, seq and link', () => {
    const genesis = genesisLink({ device: DEVICE, publicKey: PUBLIC_KEY, epoch: EPOCH, predecessor: PREDECESSOR })
    expect(toHex(genesis)).toBe(
      sha256Hex(`${DOMAIN_HEX}${START_HEX}83481111111111111111${'19012c'}5820${'22'.repeat(32)}`),
    )
  })

  it('agrees with a recomputation by hand over any bodies', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }), bodies => {
        let ours = genesisLink({ device: DEVICE, publicKey: PUBLIC_KEY, epoch: EPOCH, predecessor: null })
        let byHand = sha256Hex(`${DOMAIN_HEX}${START_HEX}f6`)
        for (const [index, body] of bodies.entries()) {
          ours = nextLink(ours, index + 1, fromHex(sha256Hex(toHex(body))))
          byHand = linkByHand(byHand, index + 1, toHex(body))
        }
        expect(toHex(ours)).toBe(byHand)
      }),
    )
  })

  it('starts elsewhere for another device, key, epoch or predecessor', () => {
    const epoch = { device: DEVICE, publicKey: PUBLIC_KEY, epoch: EPOCH, predecessor: PREDECESSOR }
    const starts = [
      epoch,
      { ...epoch, device: 'hall-door-2' },
      { ...epoch, publicKey: new Uint8Array(32) },
      { ...epoch, epoch: new Uint8Array(8) },
      { ...epoch, predecessor: null },
      { ...epoch, predecessor: { ...PREDECESSOR, seq: 301 } },
      { ...epoch, predecessor: { ...PREDECESSOR, link: new Uint8Array(32) } },
    ].map(one => toHex(genesisLink(one)))
    expect(new Set(starts).size).toBe(starts.length)
  })

  it('is exported with the genesis that an auditor recomputes', () => {
    const line = epochLine({ device: DEVICE, publicKey: PUBLIC_KEY, epoch: EPOCH, predecessor: PREDECESSOR })
    expect(line).toMatchObject({
      kind: 'epoch',
      device: DEVICE,
      epoch: '0102030405060708',
      predecessor: ['1111111111111111', 300, '22'.repeat(32)],
      genesis: sha256Hex(`${DOMAIN_HEX}${START_HEX}83481111111111111111${'19012c'}5820${'22'.repeat(32)}`),
    })
  })
})
