import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { genesisLink, nextLink, sha256, toHex, utf8 } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { JournalWriter } from '../../../src/adapters/sqlite/journal-writer.ts'
import { SqliteJournal } from '../../../src/adapters/sqlite/sqlite-journal.ts'
import type { JournalEntry, JournalRecord } from '../../../src/ports/journal.ts'
import { TestClock } from '../../../src/testing/test-clock.ts'

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-group-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'journal.sqlite')
}

function openJournal(file: string): SqliteJournal {
  const journal = new SqliteJournal({
    markKey: new Uint8Array(32),
    file,
    device: 'door-1',
    publicKey: new Uint8Array(32).fill(7),
    clock: new TestClock(1_700_000_000_000),
    random: length => new Uint8Array(length).fill(1),
  })
  onTestFinished(() => journal.close())
  return journal
}

/** Sizes of the transactions from now on. */
function watchCommits(): readonly number[] {
  const sizes: number[] = []
  const write = JournalWriter.prototype.write
  const spy = vi.spyOn(JournalWriter.prototype, 'write').mockImplementation(function (this: JournalWriter, rows) {
    sizes.push(rows.length)
    return write.call(this, rows)
  })
  onTestFinished(() => spy.mockRestore())
  return sizes
}

const note = (text: string): JournalEntry => ({ build: seq => utf8(`${seq} ${text}`) })

async function afterHops(hops: number): Promise<void> {
  for (let hop = 0; hop < hops; hop++) await null
}

describe('appends of one tick', () => {
  it('share one transaction, however many promises each came through', async () => {
    const journal = openJournal(temporaryFile())
    const commits = watchCommits()
    await null // from here on within one run of the microtasks, as behind any await
    await Promise.all([0, 3, 1, 7].map(hops => afterHops(hops).then(() => journal.append(note('x')))))
    expect(commits).toEqual([4])
  })

  it('do not wait for those of the next', async () => {
    const journal = openJournal(temporaryFile())
    const commits = watchCommits()
    const next = new Promise<JournalRecord>((resolve, reject) => {
      setImmediate(() => journal.append(note('b')).then(resolve, reject))
    })
    await Promise.all([journal.append(note('a')), journal.append(note('a')), next])
    expect(commits).toEqual([2, 1])
  })
})

/** What an entry is like, and through how many promises it comes. */
interface Planned {
  readonly kind: 'plain' | 'marked' | 'unbuildable' | 'unwritable'
  readonly hops: number
}

interface Round {
  readonly entries: readonly Planned[]
  /** Closes while the entries still wait, and opens again. */
  readonly reopens: boolean
}

/** What should be in the journal. */
class Model {
  readonly bodies: string[] = []
  readonly marked = new Set<number>()

  /** The ends of one commit's entries, in the order they came: the sequence number, or why there is none. */
  commit(group: readonly { readonly kind: Planned['kind']; readonly id: number }[]): (number | string)[] {
    const buildable = group.filter(({ kind }) => kind !== 'unbuildable')
    const fails = buildable.some(({ kind }) => kind === 'unwritable')
    return group.map(({ kind, id }) => {
      if (kind === 'unbuildable') return 'no body'
      if (fails) return 'journal-broken'
      this.bodies.push(`${this.bodies.length + 1} ${id}`)
      if (kind === 'marked') this.marked.add(id)
      return this.bodies.length
    })
  }
}

const tagOf = (id: number) => new Uint8Array(8).fill(id)

function entry({ kind }: Planned, id: number): JournalEntry {
  if (kind === 'unbuildable')
    return {
      build: () => {
        throw new TypeError('no body')
      },
    }
  if (kind === 'plain') return note(String(id))
  const mark = { tag: tagOf(id), until: 1000 + id }
  // A strict table takes no text for a number: the transaction fails after the record itself was inserted.
  return { ...note(String(id)), marks: kind === 'marked' ? [mark] : [mark, { ...mark, until: 'never' as never }] }
}

async function endOf(appended: Promise<JournalRecord>): Promise<number | string> {
  try {
    return (await appended).seq
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String((error as Error).message)
  }
}

const planned: fc.Arbitrary<Planned> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('plain' as const, 'marked' as const) },
    { weight: 2, arbitrary: fc.constantFrom('unbuildable' as const, 'unwritable' as const) },
  ),
  hops: fc.nat(3),
})
const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({ entries: fc.array(planned, { maxLength: 6 }), reopens: fc.boolean() }),
  { maxLength: 12 },
)

describe('the journal, over any run of appends, failures and restarts', () => {
  it('holds exactly what was promised, dense and chained', async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async plan => {
        const file = temporaryFile()
        const model = new Model()
        let journal = openJournal(file)
        let id = 0
        for (const { entries, reopens } of plan) {
          const named = entries.map(planned => ({
            planned,
            kind: planned.kind,
            hops: reopens ? 0 : planned.hops,
            id: ++id,
          }))
          await null
          const ends = named.map(({ planned, hops, id }) =>
            endOf(
              hops === 0
                ? journal.append(entry(planned, id))
                : afterHops(hops).then(() => journal.append(entry(planned, id))),
            ),
          )
          if (reopens) {
            await journal.close()
            journal = openJournal(file)
          }
          const came = [...named].sort((a, b) => a.hops - b.hops)
          const expected = new Map(model.commit(came).map((end, place) => [came[place]?.id, end]))
          expect(await Promise.all(ends)).toEqual(named.map(({ id }) => expected.get(id)))
          check(journal, model, id)
        }
        await journal.close()
        check(openJournal(file), model, id)
      }),
      { numRuns: 60 },
    )
  })
})

function check(journal: SqliteJournal, model: Model, ids: number): void {
  let link = genesisLink(journal.epoch)
  const records = model.bodies.map((text, index) => {
    const body = utf8(text)
    link = nextLink(link, index + 1, sha256(body))
    return { seq: index + 1, body, link: toHex(link) }
  })
  const read = journal.history.read(1, { maxRecords: 1000, maxBytes: 1_000_000 })
  expect(read.map(({ seq, body, link }) => ({ seq, body, link: toHex(link) }))).toEqual(records)
  expect(journal.head()).toMatchObject({ seq: records.length, link })
  for (let id = 1; id <= ids; id++) expect(journal.markedUntil(tagOf(id))).toBe(model.marked.has(id) ? 1000 + id : null)
}
