import { describe, expect, it } from 'vitest'
import { scenes } from '../../src/index.ts'
import { completeDaybook, DAYBOOK_ROWS, daybookDays, daybookHas, daybookRows } from '../../src/store/daybook.ts'
import { DAY, rideBody } from '../fixtures/bus-rides.ts'
import { ingestStand } from '../fixtures/ingest-stand.ts'
import { SigningDevice, START_MS } from '../fixtures/signing-device.ts'

async function twoBuses() {
  const late = new SigningDevice({ device: 'bus-2', seed: Buffer.alloc(32, 2) })
    .write(1, () => rideBody({}, { timeMs: START_MS }))
    .write(1, () => rideBody({ day: DAY + 1 }))
    .write(1, () => rideBody({}, { outcome: 'deny', reason: 'ride-repeated' }))
  const early = new SigningDevice({ device: 'bus-10', seed: Buffer.alloc(32, 1) })
    .write(1, () => rideBody({}, { timeMs: START_MS + 1 }))
    .write(1, () => rideBody({}, { timeMs: START_MS }))
  const stand = await ingestStand([late, early])
  await stand.send(late, late.batch(1, 3))
  await stand.send(early, early.batch(1, 2))
  const { db } = stand.store
  const placesOf = (day: number) => [...daybookRows(db, 'bus', day)].map(({ device, seq }) => `${device}#${seq}`)
  return { stand, db, placesOf, late }
}

describe('the daybook', () => {
  it('gives a day’s records by their own time, ties by device, whenever they came', async () => {
    const { db, placesOf } = await twoBuses()
    expect([...daybookDays(db, 'bus')]).toEqual([DAY, DAY + 1])
    expect(placesOf(DAY)).toEqual(['bus-10#2', 'bus-2#1', 'bus-10#1'])
    expect(placesOf(DAY + 1)).toEqual(['bus-2#2'])
  })

  it('finds a day in the index, and sorts nothing but ties', async () => {
    const { db } = await twoBuses()
    const plan = db
      .prepare<[string, number], { detail: string }>(`EXPLAIN QUERY PLAN ${DAYBOOK_ROWS}`)
      .all('bus', DAY)
      .map(({ detail }) => detail)
    expect(plan[0]).toMatch(/SEARCH daybook USING PRIMARY KEY/)
    expect(plan.at(-1)).toMatch(/TEMP B-TREE FOR LAST 3 TERMS/)
  })

  it('is made up at the start for records that came before their scene was known, and once', async () => {
    const { db, placesOf } = await twoBuses()
    db.exec("DELETE FROM daybook; UPDATE meta SET value = x'' WHERE key = 'daybook-scenes'")
    expect(daybookHas(db, 'bus')).toBe(false)
    expect(completeDaybook(db, scenes)).toBe(4)
    expect(daybookHas(db, 'bus')).toBe(true)
    expect(placesOf(DAY)).toEqual(['bus-10#2', 'bus-2#1', 'bus-10#1'])
    const before = db.prepare('SELECT total_changes() AS n').get()
    expect(completeDaybook(db, scenes)).toBe(0)
    expect(db.prepare('SELECT total_changes() AS n').get()).toEqual(before)
  })

  it('keeps the entry of a record whose body retention has deleted', async () => {
    const { db } = await twoBuses()
    db.exec("UPDATE records SET body = NULL; UPDATE meta SET value = x'' WHERE key = 'daybook-scenes'")
    completeDaybook(db, scenes)
    expect([...daybookRows(db, 'bus', DAY)].map(({ body }) => body)).toEqual([null, null, null])
  })

  it('enters a body that nobody can read under no scene and no day', async () => {
    const { stand, db, late } = await twoBuses()
    late.writeBytes(Buffer.from('no record'))
    await stand.send(late, late.batch(4, 4))
    expect([...daybookRows(db, '', 0)]).toMatchObject([{ device: 'bus-2', seq: 4 }])
  })
})
