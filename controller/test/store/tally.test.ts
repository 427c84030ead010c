import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { Tallies } from '../../src/store/tally.ts'

/** The two tables the tally reads, without the constraint that makes duplicates impossible. */
function looseTables() {
  const db = new Database(':memory:')
  onTestFinished(() => {
    db.close()
  })
  db.exec(`
    CREATE TABLE epochs (id INTEGER PRIMARY KEY, device TEXT);
    CREATE TABLE records (id INTEGER PRIMARY KEY, epoch_id INTEGER, seq INTEGER, type INTEGER);
    INSERT INTO epochs VALUES (1, 'door-1'), (2, 'door-2'), (3, 'door-1');
  `)
  const insert = db.prepare<[number, number, number | null]>(
    'INSERT INTO records (epoch_id, seq, type) VALUES (?, ?, ?)',
  )
  return {
    tallies: new Tallies({ db }),
    add: (epoch: number, seqs: readonly number[], type: number | null = 1) => {
      for (const seq of seqs) insert.run(epoch, seq, type)
    },
  }
}

it('is nothing for an empty store', () => {
  expect(looseTables().tallies.total()).toEqual({ records: 0, showings: 0, duplicates: 0, gaps: 0 })
})

it('counts what is missing below the last record of each epoch', () => {
  const { tallies, add } = looseTables()
  add(1, [1, 2, 5])
  add(2, [2])
  expect(tallies.ofDevice('door-1')).toMatchObject({ records: 3, gaps: 2 })
  expect(tallies.total()).toEqual({ records: 4, showings: 4, duplicates: 0, gaps: 3 })
})

it('counts a place that is there twice, whether both came at once or one later', () => {
  const { tallies, add } = looseTables()
  add(1, [1, 2, 2, 3])
  expect(tallies.total()).toMatchObject({ records: 4, duplicates: 1, gaps: 0 })
  add(1, [4, 3])
  expect(tallies.total()).toMatchObject({ records: 6, duplicates: 2, gaps: 0 })
})

it('counts on from where it stood when records are added', () => {
  const { tallies, add } = looseTables()
  add(1, [1, 2])
  expect(tallies.total().records).toBe(2)
  add(1, [3])
  add(2, [1], 7)
  add(2, [2], null)
  expect(tallies.total()).toEqual({ records: 5, showings: 3, duplicates: 0, gaps: 0 })
  expect(tallies.ofDevice('door-2')).toMatchObject({ records: 2, showings: 0 })
})

it('sums the epochs of one device, those begun later too, and knows nothing of a device without any', () => {
  const { tallies, add } = looseTables()
  add(1, [1, 3])
  expect(tallies.ofDevice('door-1')).toMatchObject({ records: 2, gaps: 1 })
  add(3, [1, 2])
  expect(tallies.ofDevice('door-1')).toEqual({ records: 4, showings: 4, duplicates: 0, gaps: 1 })
  expect(tallies.ofDevice('door-2')).toMatchObject({ records: 0 })
  expect(tallies.ofDevice('constructor')).toMatchObject({ records: 0 })
})
