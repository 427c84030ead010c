import { equalBytes, genesisLink, nextLink, sha256, utf8 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import type { Journal, JournalEntry } from '../../src/ports/journal.ts'
import type { TestClock } from '../../src/testing/test-clock.ts'

export interface JournalUnderTest {
  readonly journal: Journal
  readonly clock: TestClock
}

const note = (text: string): JournalEntry => ({ build: seq => utf8(`${seq} ${text}`) })
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
      await expect(
        journal.append({
          build: () => {
            throw new TypeError('no body')
          },
        }),
      ).rejects.toThrow('no body')
      expect((await journal.append(note('x'))).seq).toBe(1)
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
