import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openJournalDatabase } from '../../../src/adapters/sqlite/journal-database.ts'
import { type JournalRow, JournalWriter } from '../../../src/adapters/sqlite/journal-writer.ts'

function openWriter() {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-writer-'))
  const db = openJournalDatabase(join(folder, 'journal.sqlite'), tag => tag)
  onTestFinished(() => {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    writer: new JournalWriter(db, tag => tag),
    records: () => db.prepare('SELECT seq, body FROM records ORDER BY seq').all(),
    marks: () => db.prepare('SELECT tag, until, seq FROM marks ORDER BY seq, tag').all(),
  }
}

const tag = (fill: number) => new Uint8Array(8).fill(fill)

function row(seq: number, ...tags: readonly Uint8Array[]): JournalRow {
  return {
    record: { seq, link: new Uint8Array(32).fill(seq), body: utf8(`body ${seq}`), writtenMs: 1000 + seq },
    marks: tags.map(tag => ({ tag, until: 100 + seq })),
  }
}

describe('the journal’s writer', () => {
  it('writes rows with all their marks', () => {
    const { writer, records, marks } = openWriter()
    writer.write([row(1), row(2, tag(1), tag(2)), row(3, tag(3))])
    expect(records()).toEqual([1, 2, 3].map(seq => ({ seq, body: Buffer.from(`body ${seq}`) })))
    expect(marks()).toEqual([
      { tag: Buffer.from(tag(1)), until: 102, seq: 2 },
      { tag: Buffer.from(tag(2)), until: 102, seq: 2 },
      { tag: Buffer.from(tag(3)), until: 103, seq: 3 },
    ])
  })

  it('lets a newer mark take the place of one with the same tag', () => {
    const { writer, marks } = openWriter()
    writer.write([row(1, tag(1)), row(2, tag(1))])
    writer.write([row(3, tag(1))])
    expect(marks()).toEqual([{ tag: Buffer.from(tag(1)), until: 103, seq: 3 }])
  })

  it('writes nothing of rows of which one cannot be written', () => {
    const { writer, records, marks } = openWriter()
    writer.write([row(1, tag(1))])
    expect(() => writer.write([row(2, tag(2)), row(1, tag(3))])).toThrow(/UNIQUE/)
    expect(records()).toHaveLength(1)
    expect(marks()).toHaveLength(1)
    writer.write([row(2)])
    expect(records()).toHaveLength(2)
  })
})
