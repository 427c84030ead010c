import { encodeBody, exportEd25519, genesisLink, toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { chainOf, ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, showingBody } from '../fixtures/signing-device.ts'

describe('a batch that follows what is stored', () => {
  it('is stored once and answered with a receipt for its end', async () => {
    const door = new SigningDevice().write(5)
    const stand = await ingestStand([door])

    const receipt = await stand.send(door, door.batch(1, 5))

    expect(receipt).toEqual({
      device: door.device,
      epoch: door.epoch,
      storedThrough: 5,
      linkThere: door.link(5),
      pruneThrough: 0,
      timeMs: expect.any(Number),
      storeGeneration: stand.store.generation,
      verdict: 'ok',
    })
    expect(stand.stored(door)).toEqual(chainOf(door))
    expect(stand.tallies.total()).toEqual({ records: 5, showings: 5, duplicates: 0, gaps: 0 })
  })

  it('keeps body, signature and message of each batch as they came', async () => {
    const door = new SigningDevice().write(3)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))

    const bodies = stand.store.db.prepare<[], { body: Buffer }>('SELECT body FROM records ORDER BY seq').all()
    expect(bodies.map(({ body }) => toHex(body))).toEqual(door.bodies.map(toHex))
  })

  it('counts records that are no showings as records only', async () => {
    const door = new SigningDevice()
    door.writeBytes(encodeBody({ type: 'maintenance', seq: 1, timeMs: 1, timeTrust: 'unknown' })).write(2)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    expect(stand.tallies.total()).toMatchObject({ records: 3, showings: 2 })
  })

  it('is stored even where a body cannot be read, since the chain vouches for its bytes', async () => {
    const door = new SigningDevice().write(1).writeBytes(Buffer.from('not a map')).write(1)
    const stand = await ingestStand([door])

    expect(await stand.send(door, door.batch(1, 3))).toMatchObject({ storedThrough: 3, verdict: 'ok' })

    expect(stand.stored(door)).toEqual(chainOf(door))
    expect(stand.tallies.total()).toMatchObject({ records: 3, showings: 2, gaps: 0 })
    expect(stand.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ seq: 2, count: 1 }) }),
    )
  })

  it('does not count a body that names another place as a showing', async () => {
    const door = new SigningDevice().writeBytes(encodeBody(showingBody(7)))
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 1))
    expect(stand.tallies.total()).toMatchObject({ records: 1, showings: 0 })
  })
})

describe('a batch that comes again', () => {
  it('changes nothing and gets the same receipt', async () => {
    const door = new SigningDevice().write(4)
    const stand = await ingestStand([door])
    const first = await stand.send(door, door.batch(1, 4))
    const second = await stand.send(door, door.batch(1, 4))
    expect(second).toEqual(first)
    expect(stand.tallies.total()).toEqual({ records: 4, showings: 4, duplicates: 0, gaps: 0 })
  })

  it('adds only what is new where it overlaps', async () => {
    const door = new SigningDevice().write(9)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 5))
    const receipt = await stand.send(door, door.batch(3, 9))
    expect(receipt).toMatchObject({ storedThrough: 9, linkThere: door.link(9), verdict: 'ok' })
    expect(stand.stored(door)).toEqual(chainOf(door))
  })

  it('gets a receipt for all that is stored, not for its own end', async () => {
    const door = new SigningDevice().write(9)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 9))
    expect(await stand.send(door, door.batch(2, 3))).toMatchObject({ storedThrough: 9, linkThere: door.link(9) })
  })
})

describe('a batch after a hole', () => {
  it('is not stored, and the receipt says where to go on', async () => {
    const door = new SigningDevice().write(9)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    const receipt = await stand.send(door, door.batch(6, 9))
    expect(receipt).toMatchObject({ storedThrough: 3, linkThere: door.link(3), verdict: 'ok' })
    expect(stand.stored(door)).toEqual(chainOf(door, 3))
  })

  it('of an epoch of which nothing is stored is answered with its genesis', async () => {
    const door = new SigningDevice().write(9)
    const stand = await ingestStand([door])
    const receipt = await stand.send(door, door.batch(6, 9))
    expect(receipt).toMatchObject({ storedThrough: 0, linkThere: door.link(0), verdict: 'ok' })
    expect(stand.stored(door)).toEqual([])
  })

  it('of a later epoch, whose genesis cannot be known yet, is not answered', async () => {
    const door = new SigningDevice().write(2)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 2))
    door.startEpoch().write(5)
    expect(await stand.deliver(door, 'records', door.batch(3, 5))).toEqual([])
    expect(stand.stored(door)).toEqual([])
  })
})

describe('two chains at one place', () => {
  const forkedAt = (seq: number) => {
    const door = new SigningDevice().write(seq - 1)
    const other = door.twin()
    door.write(4)
    other.write(4, () => ({ outcome: 'deny', reason: 'expired' }))
    return { door, other }
  }

  it('are both kept, with an alarm and the verdict conflict', async () => {
    const { door, other } = forkedAt(4)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 7))

    const message = other.batch(1, 7)
    expect(await stand.send(other, message)).toMatchObject({
      storedThrough: 7,
      linkThere: door.link(7),
      verdict: 'conflict',
    })

    expect(stand.stored(door)).toEqual(chainOf(door))
    const forks = stand.store.db.prepare('SELECT device, fork_seq, from_seq, through_seq, message FROM forks').all()
    expect(forks).toEqual([
      { device: door.device, fork_seq: 4, from_seq: 1, through_seq: 7, message: Buffer.from(message) },
    ])
    expect(stand.fleet.deviceViews()[0]?.lastAlarm).toMatchObject({
      kind: 'ledger',
      detail: expect.stringContaining('4'),
    })
    expect(stand.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { event: 'fork', device: door.device, seq: 4 } }),
    )
  })

  it('are told apart by the link before the batch, too', async () => {
    const { door, other } = forkedAt(4)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 5))
    expect(await stand.send(other, other.batch(6, 7))).toMatchObject({ storedThrough: 5, verdict: 'conflict' })
    expect(stand.stored(door)).toEqual(chainOf(door, 5))
  })

  it('are told apart where only the end of an overlap differs', async () => {
    const { door, other } = forkedAt(4)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 4))
    expect(await stand.send(other, other.batch(3, 7))).toMatchObject({ storedThrough: 4, verdict: 'conflict' })
    expect(stand.store.db.prepare('SELECT fork_seq FROM forks').all()).toEqual([{ fork_seq: 4 }])
  })

  it('are kept once however often the other one is sent', async () => {
    const { door, other } = forkedAt(2)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 5))
    for (const deviceTimeMs of [1, 2, 3]) await stand.send(other, other.batch(1, 5, { deviceTimeMs }))
    expect(stand.store.db.prepare('SELECT count(*) AS forks FROM forks').get()).toEqual({ forks: 1 })
  })

  it('begin at 0 when the same epoch names another predecessor', async () => {
    const door = new SigningDevice().write(2)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 2))
    const other = door.twin()
    other.predecessor = { epoch: Buffer.alloc(8, 1), seq: 1, link: Buffer.alloc(32, 1) }
    other.bodies = []
    other.links = [genesisLink(other)]
    other.write(1)
    expect(await stand.send(other, other.batch(1, 1))).toMatchObject({ verdict: 'conflict' })
    expect(stand.store.db.prepare('SELECT fork_seq FROM forks').all()).toEqual([{ fork_seq: 0 }])
  })
})

describe('a new epoch', () => {
  it('follows the head it names', async () => {
    const door = new SigningDevice().write(3)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    door.startEpoch().write(2)
    expect(await stand.send(door, door.batch(1, 2))).toMatchObject({
      epoch: door.epoch,
      storedThrough: 2,
      verdict: 'ok',
    })
    expect(stand.tallies.total()).toEqual({ records: 5, showings: 5, duplicates: 0, gaps: 0 })
  })

  it('without a predecessor is granted by configuration only once', async () => {
    const door = new SigningDevice().write(3)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    door.startEpoch(null).write(2)
    const receipt = await stand.send(door, door.batch(1, 2))
    expect(receipt).toMatchObject({ storedThrough: 0, linkThere: door.link(0), verdict: 'unknown-predecessor' })
    expect(stand.stored(door)).toEqual([])
    expect(stand.tallies.total().records).toBe(3)
  })

  it('whose predecessor is not stored that far is stored nowhere', async () => {
    const door = new SigningDevice().write(5)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    door.startEpoch().write(1)
    expect(await stand.send(door, door.batch(1, 1))).toMatchObject({ verdict: 'unknown-predecessor' })
    expect(stand.stored(door)).toEqual([])
  })

  it('whose predecessor has another link is stored nowhere', async () => {
    const door = new SigningDevice().write(3)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    door.startEpoch({ ...door.place(), link: Buffer.alloc(32, 5) }).write(1)
    expect(await stand.send(door, door.batch(1, 1))).toMatchObject({ verdict: 'unknown-predecessor' })
  })

  it('as the first one of a device may not name a predecessor nobody has', async () => {
    const door = new SigningDevice()
    door.startEpoch({ epoch: Buffer.alloc(8, 1), seq: 4, link: Buffer.alloc(32, 1) }).write(1)
    const stand = await ingestStand([door])
    expect(await stand.send(door, door.batch(1, 1))).toMatchObject({ storedThrough: 0, verdict: 'unknown-predecessor' })
    expect(stand.stored(door)).toEqual([])
  })
})

describe('a message that proves nothing', () => {
  const door = new SigningDevice({ seed: Buffer.alloc(32, 1) }).write(3)
  const neighbour = new SigningDevice({ device: 'hall-door-2', seed: Buffer.alloc(32, 2) }).write(3)
  const stranger = new SigningDevice({ device: 'nobody-1', seed: Buffer.alloc(32, 3) }).write(1)
  const elsewhere = Object.assign(door.twin(), { site: 'park' })
  const impostor = new SigningDevice({ seed: Buffer.alloc(32, 4) }).write(3)
  const broken = door.batch(1, 3)
  const cases: readonly (readonly [title: string, from: SigningDevice, message: Uint8Array, reason: string])[] = [
    ['of a device that is not listed', stranger, stranger.batch(1, 1), 'unknown-device'],
    ['on the topic of another site', elsewhere, door.batch(1, 3), 'wrong-site'],
    ['on the topic of another device', neighbour, door.batch(1, 3), 'foreign-device'],
    ['that starts an epoch with another key', impostor, impostor.batch(1, 3), 'wrong-key'],
    ['that is signed with another key', impostor, impostor.batch(2, 3), 'not-proven'],
    ['whose chain does not hold', door, door.batch(1, 3, { linkThrough: Buffer.alloc(32) }), 'not-proven'],
    ['that is no CBOR', door, Buffer.from('hello'), 'malformed'],
    ['that is empty', door, new Uint8Array(0), 'malformed'],
    ['that is cut off', door, broken.subarray(0, broken.length - 1), 'malformed'],
  ]

  it.each(cases)('%s is refused by name, counted, and changes nothing', async (_title, from, message, reason) => {
    const stand = await ingestStand([door, neighbour])
    expect(await stand.deliver(from, 'records', message)).toEqual([])
    expect(stand.refusals.counts()).toEqual({ [reason]: 1 })
    expect(stand.log.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ event: 'refused', reason }) }),
    ])
    expect(stand.tallies.total().records).toBe(0)
  })

  it('on a topic of another shape is refused as well', async () => {
    const stand = await ingestStand([door])
    await stand.postman.publish('ankang/v1/Hall Door/x/records', door.batch(1, 3))
    expect(stand.refusals.counts()).toEqual({ 'unknown-topic': 1 })
  })

  it('goes on an epoch that was begun under another key is refused', async () => {
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 2))
    stand.close()
    const rekeyed = Object.assign(door.twin(), { key: impostor.key, publicKey: exportEd25519(impostor.key) })
    const later = await ingestStand([rekeyed], { file: stand.file })
    expect(await later.deliver(rekeyed, 'records', rekeyed.batch(3, 3))).toEqual([])
    expect(later.refusals.counts()).toEqual({ 'wrong-key': 1 })
  })
})

describe('a birth', () => {
  it('is answered with what is stored of the epoch it names', async () => {
    const door = new SigningDevice().write(5)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 3))
    expect(await stand.deliver(door, 'birth', door.birth())).toEqual([
      expect.objectContaining({
        epoch: door.epoch,
        storedThrough: 3,
        linkThere: door.link(3),
        verdict: 'ok',
      }),
    ])
  })

  it('of a device that is new here is answered with the genesis of its epoch', async () => {
    const door = new SigningDevice()
    const stand = await ingestStand([door])
    const [receipt] = await stand.deliver(door, 'birth', door.birth())
    expect(receipt).toMatchObject({ epoch: door.epoch, storedThrough: 0, linkThere: door.link(0) })
  })

  it('in a later epoch of which nothing is stored is not answered', async () => {
    const door = new SigningDevice().write(1)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 1))
    expect(await stand.deliver(door.startEpoch(), 'birth', door.birth())).toEqual([])
  })

  it('that names the genesis of another chain is not answered with a genesis of ours', async () => {
    const door = new SigningDevice().write(1).startEpoch()
    const stand = await ingestStand([door])
    expect(await stand.deliver(door, 'birth', door.birth())).toEqual([])
  })

  it('that cannot be read is refused, by ingest and by the fleet', async () => {
    const door = new SigningDevice()
    const stand = await ingestStand([door])
    expect(await stand.deliver(door, 'birth', Buffer.from('{"head":1}'))).toEqual([])
    expect(stand.refusals.counts()).toEqual({ malformed: 2 })
  })
})
