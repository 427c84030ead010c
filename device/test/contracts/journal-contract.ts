import { equalBytes, genesisLink, nextLink, sha256, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { Journal, JournalEntry, JournalRecord } from '../../src/ports/journal.ts'
import type { TestClock } from '../../src/testing/test-clock.ts'

export interface JournalUnderTest {
  readonly journal: Journal
  readonly clock: TestClock
  /** Runs `run`, which ends before it resolves, while every commit fails for want of space. */
  whileFull<T>(run: () => Promise<T>): Promise<T>
}

const note = (text: string): JournalEntry => ({ build: seq => utf8(`${seq} ${text}`) })
const unbuildable: JournalEntry = {
  build: () => {
    throw new TypeError('no body')
  },
}
const tag = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
const wide = { maxRecords: 1000, maxBytes: 1_000_000 }

/** What every journal promises. `open` makes a fresh, empty one and registers its own clean-up. */
export function journalContract(name: string, open: () => JournalUnderTest): void {
  describe(`${name} keeps the journal contract`, () => {
    it('starts at the genesis of its epoch', () => {
      const { journal } = open()
      expect(journal.head()).toEqual({ epoch: journal.epoch.epoch, seq: 0, link: genesisLink(journal.epoch) })
      expect(journal.history.linkAt(0)).toEqual(genesisLink(journal.epoch))
      expect(journal.history.linkAt(1)).toBeNull()
    })

    it('numbers records from 1 and chains each to the one before', async () => {
      const { journal } = open()
      let link = genesisLink(journal.epoch)
      for (let seq = 1; seq <= 5; seq++) {
        const record = await journal.append(note('x'))
        link = nextLink(link, seq, sha256(utf8(`${seq} x`)))
        expect(record.seq).toBe(seq)
        expect(equalBytes(record.link, link)).toBe(true)
        expect(journal.head()).toMatchObject({ seq, link })
      }
    })

    it('reads what was written, in order and within the limits, and at least one record', async () => {
      const { journal } = open()
      for (const text of ['a', 'b', 'c', 'd']) await journal.append(note(text))
      const texts = (from: number, limits = wide) =>
        journal.history.read(from, limits).map(record => Buffer.from(record.body).toString())
      expect(texts(2)).toEqual(['2 b', '3 c', '4 d'])
      expect(texts(1, { maxRecords: 2, maxBytes: 1000 })).toEqual(['1 a', '2 b'])
      expect(texts(1, { maxRecords: 9, maxBytes: 6 })).toEqual(['1 a', '2 b'])
      expect(texts(1, { maxRecords: 9, maxBytes: 1 })).toEqual(['1 a'])
      expect(texts(5)).toEqual([])
    })

    it('remembers an accepted showing until its mark ends', async () => {
      const { journal } = open()
      await journal.append({ ...note('x'), marks: [{ tag, until: 1000 }] })
      expect(journal.markedUntil(tag)).toBe(1000)
      expect(journal.markedUntil(new Uint8Array(8))).toBeNull()
    })

    it('gives back the number of an entry whose body could not be built', async () => {
      const { journal } = open()
      await expect(journal.append(unbuildable)).rejects.toThrow('no body')
      expect((await journal.append(note('x'))).seq).toBe(1)
    })

    it('numbers and chains what comes together in the order it came', async () => {
      const { journal } = open()
      const texts = Array.from({ length: 20 }, (_, index) => `n${index}`)
      const records = await Promise.all(texts.map(text => journal.append(note(text))))
      let link = genesisLink(journal.epoch)
      for (const [index, text] of texts.entries()) {
        link = nextLink(link, index + 1, sha256(utf8(`${index + 1} ${text}`)))
        expect(records[index]).toMatchObject({ seq: index + 1, link })
      }
      expect(journal.head()).toMatchObject({ seq: 20, link })
      expect(journal.history.read(1, wide)).toEqual(records)
    })

    it('rejects, of what comes together, only the entry whose body could not be built', async () => {
      const { journal } = open()
      const [first, second, third] = await Promise.allSettled([
        journal.append(note('a')),
        journal.append({ ...unbuildable, marks: [{ tag, until: 1000 }] }),
        journal.append(note('c')),
      ])
      expect(first).toMatchObject({ status: 'fulfilled', value: { seq: 1, body: utf8('1 a') } })
      expect(second).toMatchObject({ status: 'rejected', reason: { message: 'no body' } })
      expect(third).toMatchObject({ status: 'fulfilled', value: { seq: 2, body: utf8('2 c') } })
      expect(journal.markedUntil(tag)).toBeNull()
    })

    it('keeps neither number, record nor mark of entries whose commit failed', async () => {
      const { journal, whileFull } = open()
      await journal.append(note('a'))
      const before = journal.head()
      const ends = await whileFull(() =>
        Promise.allSettled([
          journal.append({ ...note('b'), marks: [{ tag, until: 1000 }] }),
          journal.append(unbuildable),
          journal.append(note('c')),
        ]),
      )
      expect(ends.map(end => end.status === 'rejected' && end.reason)).toMatchObject([
        { code: 'journal-full', retryable: true },
        { message: expect.any(String) },
        { code: 'journal-full', retryable: true },
      ])
      expect(journal.head()).toEqual(before)
      expect(journal.markedUntil(tag)).toBeNull()
      expect(journal.history.read(2, wide)).toEqual([])
      expect(await journal.append(note('d'))).toMatchObject({ seq: 2, body: utf8('2 d') })
    })

    it('says nothing of a record, nor of its marks, before it is committed', async () => {
      const { journal } = open()
      const appended = journal.append({ ...note('x'), marks: [{ tag, until: 1000 }] })
      expect(journal.head().seq).toBe(0)
      expect(journal.markedUntil(tag)).toBeNull()
      await appended
      expect(journal.head().seq).toBe(1)
      expect(journal.markedUntil(tag)).toBe(1000)
    })

    it('makes a lone record wait for nobody', async () => {
      const { journal } = open()
      const nextTurn = new Promise(resolve => setImmediate(resolve, 'the next turn of the event loop'))
      expect(await Promise.race([journal.append(note('x')), nextTurn])).toMatchObject({ seq: 1 })
    })

    it('takes an entry that comes while others are being built', async () => {
      const { journal } = open()
      let second: Promise<JournalRecord> | null = null
      const first = await journal.append({
        build: seq => {
          second = journal.append(note('b'))
          return utf8(`${seq} a`)
        },
      })
      expect([first, await second]).toMatchObject([
        { seq: 1, body: utf8('1 a') },
        { seq: 2, body: utf8('2 b') },
      ])
    })

    it('writes what was appended before it closes', async () => {
      const { journal } = open()
      const appended = journal.append(note('x'))
      await journal.close()
      expect(await appended).toMatchObject({ seq: 1 })
    })

    it('prunes only what is old and confirmed, and goes on chaining', async () => {
      const { journal, clock } = open()
      for (const text of ['a', 'b', 'c']) await journal.append(note(text))
      clock.advance(10_000)
      await journal.append(note('d'))
      const old = clock.nowMs() - 5000
      expect(journal.history.prune(2, old)).toBe(2)
      expect(journal.history.oldestSeq()).toBe(3)
      expect(journal.history.linkAt(2)).not.toBeNull()
      expect(journal.history.linkAt(1)).toBeNull()
      expect(journal.history.prune(4, old)).toBe(1)
      expect(journal.history.prune(4, clock.nowMs() + 1)).toBe(0) // the head stays
      const before = journal.head().link
      const next = await journal.append(note('e'))
      expect(next.link).toEqual(nextLink(before, 5, sha256(utf8('5 e'))))
    })
  })
}
