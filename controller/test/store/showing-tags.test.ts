import { encodeBody, sha256 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { RecordReader } from '../../src/store/record-reader.ts'
import { ShowingTags } from '../../src/store/showing-tags.ts'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, showingBody } from '../fixtures/signing-device.ts'

const tagOf = (text: string): Uint8Array => sha256(Buffer.from(text)).subarray(0, 8)

async function twoDoors() {
  const [one, other] = [1, 2].map(
    number => new SigningDevice({ device: `hall-door-${number}`, seed: Buffer.alloc(32, number) }),
  )
  if (one === undefined || other === undefined) throw new RangeError('expected two doors')
  one.write(1, () => ({ showingTag: tagOf('a') })).write(1, () => ({ showingTag: tagOf('b') }))
  other.write(1, () => ({ showingTag: tagOf('a') }))
  const stand = await ingestStand([one, other])
  await stand.send(one, one.batch(1, 2))
  await stand.send(other, other.batch(1, 1))
  const { db } = stand.store
  const tags = new ShowingTags(db, new RecordReader(stand.store))
  const placesOf = async (text: string) =>
    (await tags.find(tagOf(text), 10)).map(({ device, seq }) => `${device}#${seq}`)
  return { stand, db, tags, one, other, placesOf }
}

describe('the index of showing tags', () => {
  it('finds every showing of a tag, newest first, and none of another', async () => {
    const { placesOf } = await twoDoors()
    expect(await placesOf('a')).toEqual(['hall-door-2#1', 'hall-door-1#1'])
    expect(await placesOf('b')).toEqual(['hall-door-1#2'])
    expect(await placesOf('c')).toEqual([])
  })

  it('knows at each look-up what was stored until then', async () => {
    const { stand, one, placesOf } = await twoDoors()
    expect(await placesOf('c')).toEqual([])
    one.write(1, () => ({ showingTag: tagOf('c') }))
    await stand.send(one, one.batch(3, 3))
    expect(await placesOf('c')).toEqual(['hall-door-1#3'])
  })

  it('enters each showing once, however often and by however many it is brought up to date', async () => {
    const { stand, db, tags } = await twoDoors()
    const another = new ShowingTags(db, new RecordReader(stand.store))
    const [first, second, same] = await Promise.all([tags.catchUp(), another.catchUp(), tags.catchUp()])
    expect(first + second).toBe(3)
    expect(same).toBe(first)
    expect(await tags.catchUp()).toBe(0)
    expect(db.prepare('SELECT count(*) AS n FROM showing_tags').get()).toEqual({ n: 3 })
  })

  it('goes through more records than it reads at once', async () => {
    const door = new SigningDevice()
    const stand = await ingestStand([door])
    for (let from = 1; from <= 2400; from += 800) {
      door.write(800, seq => ({ showingTag: tagOf(String(seq)) }))
      await stand.send(door, door.batch(from, from + 799))
    }
    const tags = new ShowingTags(stand.store.db, new RecordReader(stand.store))
    expect(await tags.catchUp()).toBe(2400)
    expect((await tags.find(tagOf('2400'), 10)).map(({ seq }) => seq)).toEqual([2400])
    expect((await tags.find(tagOf('1'), 10)).map(({ seq }) => seq)).toEqual([1])
  })

  it('passes over what is no showing, has no tag or cannot be read', async () => {
    const { stand, one, tags } = await twoDoors()
    await tags.catchUp()
    const { showingTag: _, ...untagged } = showingBody(4)
    one.write(1, () => ({ type: 'door' }))
    one.writeBytes(encodeBody(untagged)).writeBytes(Buffer.from('no record'))
    await stand.send(one, one.batch(3, 5))
    expect(await tags.catchUp()).toBe(0)
  })

  it('gives no showing whose body was deleted', async () => {
    const { db, tags, placesOf } = await twoDoors()
    await tags.catchUp()
    db.exec('UPDATE records SET body = NULL')
    expect(await placesOf('a')).toEqual([])
  })

  it('searches its index, whatever the number of records', async () => {
    const { db } = await twoDoors()
    const plan = db
      .prepare<[Uint8Array], { detail: string }>(
        'EXPLAIN QUERY PLAN SELECT record_id FROM showing_tags WHERE tag = ? ORDER BY record_id DESC LIMIT 10',
      )
      .all(tagOf('a'))
      .map(({ detail }) => detail)
    expect(plan).toEqual([expect.stringMatching(/SEARCH showing_tags USING PRIMARY KEY \(tag=\?\)/)])
  })
})
