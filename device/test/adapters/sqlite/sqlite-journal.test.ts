import { chmodSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@ankang/protocol'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { JournalWriter } from '../../../src/adapters/sqlite/journal-writer.ts'
import { SqliteJournal } from '../../../src/adapters/sqlite/sqlite-journal.ts'
import { TestClock } from '../../../src/testing/test-clock.ts'
import { journalContract } from '../../contracts/journal-contract.ts'

const publicKey = new Uint8Array(32).fill(7)
const tag = new Uint8Array(8).fill(5)

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function openJournal(file: string, clock = new TestClock(1_700_000_000_000), device = 'door-1'): SqliteJournal {
  let counter = 0
  const journal = new SqliteJournal({
    markKey: new Uint8Array(32),
    file,
    device,
    publicKey,
    clock,
    random: length => new Uint8Array(length).fill(++counter),
  })
  onTestFinished(() => journal.close())
  return journal
}

const entry = (text: string) => ({ build: (seq: number) => utf8(`${seq} ${text}`) })

journalContract('the SQLite journal', () => {
  const clock = new TestClock(1_700_000_000_000)
  return {
    clock,
    journal: openJournal(join(temporaryFolder(), 'journal.sqlite'), clock),
    whileFull: async run => {
      const write = vi.spyOn(JournalWriter.prototype, 'write').mockImplementation(() => {
        throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
      })
      const ended = await run()
      write.mockRestore()
      return ended
    },
  }
})

describe('the SQLite journal', () => {
  it('is readable by its owner alone, also when it was made open to others', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const modes = () => ['', '-wal'].map(suffix => statSync(`${file}${suffix}`).mode & 0o777)
    const first = openJournal(file)
    expect(modes()).toEqual([0o600, 0o600])
    await first.close()
    chmodSync(file, 0o644)
    openJournal(file)
    expect(modes()).toEqual([0o600, 0o600])
  })

  it('goes on with the same epoch, head and replay memory after a restart', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const first = openJournal(file)
    await first.append({ ...entry('a'), marks: [{ tag, until: 1_700_000_300 }] })
    const { epoch } = first
    const head = first.head()
    await first.close()
    const second = openJournal(file)
    expect(second.epoch).toEqual(epoch)
    expect(second.head()).toEqual(head)
    expect(second.markedUntil(tag)).toBe(1_700_000_300)
    expect((await second.append(entry('b'))).seq).toBe(2)
  })

  it('forgets no showing over an update from a program that wrote tags down as they were', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const first = openJournal(file)
    await first.append({ ...entry('a'), marks: [{ tag, until: 1_700_000_300 }] })
    await first.close()
    const old = new Database(file)
    old.prepare('UPDATE marks SET tag = ?').run(tag)
    old.pragma('user_version = 1')
    old.close()
    const updated = openJournal(file)
    expect(updated.markedUntil(tag)).toBe(1_700_000_300)
    expect((await updated.append(entry('b'))).seq).toBe(2)
    await updated.close()
    expect(openJournal(file).markedUntil(tag)).toBe(1_700_000_300)
  })

  it('still remembers a showing after the clock was set forward a month, restarted, and set back', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const clock = new TestClock(1_700_000_000_000)
    const first = openJournal(file, clock)
    await first.append({ ...entry('a'), marks: [{ tag, until: 1_700_000_300 }] })
    await first.close()
    clock.step(30 * 86_400_000)
    await openJournal(file, clock).close()
    clock.step(-30 * 86_400_000)
    expect(openJournal(file, clock).markedUntil(tag)).toBe(1_700_000_300)
  })

  it('commits with synchronous=FULL in WAL, also after a write', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    const journal = openJournal(file)
    await journal.append(entry('a'))
    expect(journal.durability()).toEqual({ journalMode: 'wal', synchronous: 2 })
  })

  it('refuses a second process with the name of what to do', () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    openJournal(file)
    expect(() => openJournal(file)).toThrow(/another program holds this journal/)
  })

  it('refuses the journal of another device', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    await openJournal(file).close()
    expect(() => openJournal(file, new TestClock(0), 'door-2')).toThrow(/written by device door-1/)
  })

  it('refuses a file that is no journal', () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    copyFileSync(import.meta.filename, file)
    expect(() => openJournal(file)).toThrow(/expected a journal/)
  })

  it('refuses a journal of a newer program', async () => {
    const file = join(temporaryFolder(), 'journal.sqlite')
    await openJournal(file).close()
    const db = new Database(file)
    db.pragma('user_version = 99')
    db.close()
    expect(() => openJournal(file)).toThrow(/newer program/)
  })

  it('finds a record that was altered, removed or swapped when it opens', async () => {
    const tampering: readonly string[] = [
      `UPDATE records SET body = x'00' WHERE seq = 3`,
      `UPDATE records SET link = zeroblob(32) WHERE seq = 2`,
      'DELETE FROM records WHERE seq = 2',
      'UPDATE records SET body = (SELECT body FROM records WHERE seq = 1) WHERE seq = 4',
    ]
    for (const sql of tampering) {
      const file = join(temporaryFolder(), 'journal.sqlite')
      const journal = openJournal(file)
      for (const text of ['a', 'b', 'c', 'd']) await journal.append(entry(text))
      await journal.close()
      const db = new Database(file)
      db.exec(sql)
      db.close()
      expect(() => openJournal(file), sql).toThrow(/does not follow/)
    }
  })

  it('keeps chain and replay memory over any run of appends, prunes and restarts', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), mark: fc.boolean() }),
      fc.record({ kind: fc.constant('prune' as const), through: fc.nat(30) }),
      fc.record({ kind: fc.constant('restart' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const clock = new TestClock(1_700_000_000_000)
        const file = join(temporaryFolder(), 'journal.sqlite')
        let journal = openJournal(file, clock)
        const marks: Uint8Array[] = []
        let written = 0
        for (const { kind, ...rest } of steps) {
          clock.advance(1000)
          if (kind === 'append') {
            const mark = new Uint8Array(8).fill(++written)
            const marked = 'mark' in rest && rest.mark
            await journal.append({ ...entry('x'), ...(marked ? { marks: [{ tag: mark, until: 1_700_100_000 }] } : {}) })
            if (marked) marks.push(mark)
          } else if (kind === 'prune') {
            journal.history.prune('through' in rest ? rest.through : 0, clock.nowMs() + 1)
          } else {
            await journal.close()
            journal = openJournal(file, clock)
          }
          expect(journal.head().seq).toBe(written)
          expect(marks.every(mark => journal.markedUntil(mark) === 1_700_100_000)).toBe(true)
        }
        await journal.close()
      }),
      { numRuns: 25 },
    )
  })
})
