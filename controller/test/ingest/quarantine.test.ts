import { toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { paperCertificate } from '../fixtures/enrolled-devices.ts'
import { chainOf, type IngestStand, ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'

/** A door of which records are stored and heads received, and which is then revoked. */
async function revokedDoor({ written, stored, head }: { written: number; stored: number; head: number | null }) {
  const door = new SigningDevice().write(written)
  const stand = await ingestStand([door])
  if (stored > 0) await stand.send(door, door.batch(1, stored))
  if (head !== null) await stand.deliver(door, 'head', door.head(head))
  stand.registry.commit(() => stand.registry.revoke(door.device, 'stolen'))
  return { door, stand }
}

/** [from, through, trusted] of what is kept apart. */
function keptApart(stand: IngestStand) {
  return stand.store.db
    .prepare<[], { from_seq: number; through_seq: number; trusted_seq: number; message: Buffer }>(
      'SELECT from_seq, through_seq, trusted_seq, message FROM quarantine ORDER BY id',
    )
    .all()
    .map(({ from_seq, through_seq, trusted_seq }) => [from_seq, through_seq, trusted_seq])
}

describe('a revoked device', () => {
  it('is believed up to its last signed head: those records are stored and receipted as ever', async () => {
    const { door, stand } = await revokedDoor({ written: 40, stored: 10, head: 30 })
    const receipt = await stand.send(door, door.batch(11, 20))
    expect(receipt).toMatchObject({ storedThrough: 20, verdict: 'ok' })
    expect(await stand.send(door, door.batch(21, 30))).toMatchObject({ storedThrough: 30, verdict: 'ok' })
    expect(stand.stored(door)).toEqual(chainOf(door, 30))
    expect(stand.refusals.counts()).toEqual({})
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(0)
  })

  it('is believed nothing after it: the message is kept whole, its records are not stored, somebody is told', async () => {
    const { door, stand } = await revokedDoor({ written: 40, stored: 30, head: 30 })
    const message = door.batch(31, 40)
    expect(await stand.send(door, message)).toMatchObject({ storedThrough: 30 })
    expect(stand.stored(door)).toEqual(chainOf(door, 30))
    expect(keptApart(stand)).toEqual([[31, 40, 30]])
    const kept = stand.store.db.prepare<[], { message: Buffer }>('SELECT message FROM quarantine').get()
    expect(kept?.message.equals(message)).toBe(true)
    expect(stand.refusals.counts()).toEqual({ quarantined: 1 })
    expect(stand.log.lines.some(({ level, fields }) => level === 'error' && fields['event'] === 'quarantine')).toBe(
      true,
    )
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(10)
  })

  it('is believed in part where a batch goes past the head: its first records are stored, without it as their proof', async () => {
    const { door, stand } = await revokedDoor({ written: 40, stored: 10, head: 30 })
    expect(await stand.send(door, door.batch(6, 40))).toMatchObject({ storedThrough: 30, verdict: 'ok' })
    expect(stand.stored(door)).toEqual(chainOf(door, 30))
    expect(keptApart(stand)).toEqual([[6, 40, 30]])
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(10)
    expect(stand.store.db.prepare('SELECT from_seq, through_seq FROM batches').all()).toEqual([
      { from_seq: 1, through_seq: 10 },
    ])
  })

  it('is believed nothing of a batch that has another link at the head', async () => {
    const door = new SigningDevice().write(20)
    const thief = door.twin().write(20, () => ({ outcome: 'deny', reason: 'expired' }))
    door.write(10)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 20))
    await stand.deliver(door, 'head', door.head(30))
    stand.registry.commit(() => stand.registry.revoke(door.device, 'stolen'))
    expect(await stand.send(thief, thief.batch(21, 35))).toMatchObject({ storedThrough: 20 })
    expect(stand.stored(door)).toEqual(chainOf(door, 20))
    expect(keptApart(stand)).toEqual([[21, 35, 20]])
    expect(await stand.send(door, door.batch(21, 30))).toMatchObject({ storedThrough: 30, verdict: 'ok' })
  })

  it('is found out where somebody with its key filled up the chain to the head with records of their own', async () => {
    const door = new SigningDevice().write(20)
    const thief = door.twin().write(20, () => ({ outcome: 'deny', reason: 'expired' }))
    door.write(10)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 20))
    await stand.deliver(door, 'head', door.head(30))
    stand.registry.commit(() => stand.registry.revoke(door.device, 'stolen'))
    await stand.send(thief, thief.batch(21, 29))
    expect(await stand.send(thief, thief.batch(30, 40))).toMatchObject({ storedThrough: 29 })
    expect(keptApart(stand)).toEqual([[30, 40, 29]])
    expect(await stand.send(door, door.batch(21, 30))).toMatchObject({ verdict: 'conflict' })
    expect(stand.log.lines.some(({ fields }) => fields['event'] === 'fork')).toBe(true)
  })

  it('that never signed a head is believed nothing more', async () => {
    const { door, stand } = await revokedDoor({ written: 20, stored: 10, head: null })
    await stand.send(door, door.batch(11, 20))
    expect(stand.stored(door)).toEqual(chainOf(door, 10))
    expect(stand.registry.find(door.device)?.revoked?.trusted).toBeNull()
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(20)
  })

  it('has what was stored past its head before the revocation counted as kept apart', async () => {
    const { door, stand } = await revokedDoor({ written: 40, stored: 40, head: 30 })
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(10)
    const trusted = stand.registry.find(door.device)?.revoked?.trusted
    expect([toHex(trusted?.epoch ?? new Uint8Array(0)), trusted?.seq]).toEqual([toHex(door.epoch), 30])
  })

  it('has no record counted twice that came in several messages', async () => {
    const { door, stand } = await revokedDoor({ written: 60, stored: 25, head: 20 })
    for (const [from, through] of [
      [26, 40],
      [30, 50],
      [30, 50],
      [45, 48],
      [55, 60],
    ] as const)
      await stand.deliver(door, 'records', door.batch(from, through))
    // 21…25 stored before, 26…50 and 55…60 kept apart
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(5 + 25 + 6)
    expect(keptApart(stand)).toHaveLength(4)
  })

  it('cannot move the end of its word by a head that it signs later', async () => {
    const { door, stand } = await revokedDoor({ written: 40, stored: 30, head: 30 })
    await stand.deliver(door, 'head', door.head(40))
    expect(stand.refusals.counts()).toEqual({ quarantined: 1 })
    await stand.send(door, door.batch(31, 40))
    expect(stand.stored(door)).toEqual(chainOf(door, 30))
  })

  it('is believed of an epoch that only a head told of before, and of none that nobody had heard of', async () => {
    const door = new SigningDevice().write(10)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 10))
    door.startEpoch().write(10)
    await stand.deliver(door, 'head', door.head(5))
    stand.registry.commit(() => stand.registry.revoke(door.device, 'stolen'))
    await stand.send(door, door.batch(1, 10))
    expect(stand.stored(door)).toEqual(chainOf(door, 5))
    door.startEpoch({ epoch: door.epoch, seq: 5, link: door.link(5) }).write(3)
    expect(await stand.deliver(door, 'records', door.batch(1, 3))).toEqual([])
    expect(stand.stored(door)).toEqual([])
    expect(keptApart(stand)).toEqual([
      [1, 10, 5],
      [1, 3, 0],
    ])
  })

  it('fills no disk: what comes on top of a thousand messages is refused and not kept', async () => {
    const { door, stand } = await revokedDoor({ written: 1100, stored: 0, head: null })
    stand.store.db.exec('BEGIN')
    stand.store.db
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO quarantine (device, epoch, from_seq, through_seq, link_through, trusted_seq, message, received_ms)
         SELECT ?, zeroblob(8), i, i, zeroblob(32), 0, zeroblob(1), 0 FROM n`,
      )
      .run(door.device)
    stand.store.db.exec('COMMIT')
    await stand.deliver(door, 'records', door.batch(1, 3))
    expect(keptApart(stand)).toHaveLength(1000)
    expect(stand.refusals.counts()).toEqual({ quarantined: 1 })
  })
})

describe('a device with a new key', () => {
  function rekeyed(stand: IngestStand, door: SigningDevice): SigningDevice {
    const { site, device } = door
    const fresh = new SigningDevice({ site, device })
    stand.registry.commit(() =>
      stand.registry.enrol({ site, device, publicKey: fresh.publicKey, certificate: paperCertificate() }),
    )
    return fresh
  }

  it('begins an epoch without predecessor under the new key, once', async () => {
    const door = new SigningDevice().write(10)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 10))
    const fresh = rekeyed(stand, door).write(5)
    expect(await stand.send(fresh, fresh.batch(1, 5))).toMatchObject({ storedThrough: 5, verdict: 'ok' })
    fresh.startEpoch(null).write(2)
    expect(await stand.send(fresh, fresh.batch(1, 2))).toMatchObject({ verdict: 'unknown-predecessor' })
  })

  it('still hands over what it had begun under the former one, heads included', async () => {
    const door = new SigningDevice().write(30)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 10))
    const fresh = rekeyed(stand, door).write(3)
    await stand.send(fresh, fresh.batch(1, 3))
    expect(await stand.send(door, door.batch(11, 30))).toMatchObject({ storedThrough: 30, verdict: 'ok' })
    await stand.deliver(door, 'head', door.head(30))
    await stand.deliver(fresh, 'head', fresh.head(3))
    expect(stand.refusals.counts()).toEqual({})
    expect(stand.stored(door)).toEqual(chainOf(door, 30))
    expect(stand.stored(fresh)).toEqual(chainOf(fresh, 3))
  })

  it('begins nothing more under the former one', async () => {
    const door = new SigningDevice().write(10)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 10))
    rekeyed(stand, door)
    door.startEpoch().write(5)
    expect(await stand.deliver(door, 'records', door.batch(1, 5))).toEqual([])
    await stand.deliver(door, 'head', door.head(5))
    expect(stand.refusals.counts()).toEqual({ 'wrong-key': 1, 'not-proven': 1 })
    expect(stand.stored(door)).toEqual([])
  })

  it('after a revocation leaves the former key as dead as it was', async () => {
    const door = new SigningDevice().write(40)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 20))
    await stand.deliver(door, 'head', door.head(30))
    stand.registry.commit(() => stand.registry.revoke(door.device, 'stolen'))
    const fresh = rekeyed(stand, door).write(5)
    expect(await stand.send(fresh, fresh.batch(1, 5))).toMatchObject({ storedThrough: 5, verdict: 'ok' })
    await stand.deliver(door, 'head', door.head(40))
    await stand.send(door, door.batch(21, 40))
    expect(stand.stored(door)).toEqual(chainOf(door, 30))
    expect(stand.quarantine.quarantinedRecords(door.device)).toBe(10)
    expect(stand.refusals.counts()).toEqual({ quarantined: 2 })
  })

  it('that was revoked by another process a moment ago is not believed, before anybody has looked', async () => {
    const door = new SigningDevice().write(20)
    const stand = await ingestStand([door])
    await stand.send(door, door.batch(1, 10))
    await stand.deliver(door, 'head', door.head(10))
    const other = await ingestStand([door], { file: stand.file })
    other.registry.commit(() => other.registry.revoke(door.device, 'stolen'))
    await stand.send(door, door.batch(11, 20))
    await stand.deliver(door, 'head', door.head(20))
    expect(stand.stored(door)).toEqual(chainOf(door, 10))
    expect(stand.refusals.counts()).toEqual({ quarantined: 2 })
  })
})
