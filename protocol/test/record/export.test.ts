import { batchLine, fromHex, headLine, recordLine } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'

const EPOCH = fromHex('0102030405060708')
const PLACE = { epoch: EPOCH, seq: 3, link: fromHex('aa'.repeat(32)) }
const HASH = fromHex('bb'.repeat(32))

describe('an exported line', () => {
  it('of a record holds its hash, its link and its body in hex', () => {
    expect(recordLine('door-1', PLACE, HASH, fromHex('a10001'))).toEqual({
      kind: 'record',
      device: 'door-1',
      epoch: '0102030405060708',
      seq: 3,
      bodyHash: 'bb'.repeat(32),
      link: 'aa'.repeat(32),
      body: 'a10001',
    })
  })

  it('of a record whose body retention has deleted leaves it out', () => {
    expect(Object.keys(recordLine('door-1', PLACE, HASH, null))).not.toContain('body')
  })

  it('of a batch and of a head holds what was signed, as received', () => {
    expect(batchLine('door-1', EPOCH, 1, 3, fromHex('d284'))).toEqual({
      kind: 'batch',
      device: 'door-1',
      epoch: '0102030405060708',
      from: 1,
      through: 3,
      cose: 'd284',
    })
    expect(headLine('door-1', EPOCH, 3, fromHex('d284'))).toEqual({
      kind: 'head',
      device: 'door-1',
      epoch: '0102030405060708',
      seq: 3,
      cose: 'd284',
    })
  })
})
