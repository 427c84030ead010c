import { decodeBody, nextLink, sha256 } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { RecordMaker } from '../../src/bench/record-making.ts'

describe('the rows of the journal’s bench', () => {
  it('are records of admissions, each chained to the one before, with a mark of its own', () => {
    const maker = new RecordMaker()
    const rows = [...maker.rows(3), ...maker.rows(2)]
    expect(rows.map(({ record }) => record.seq)).toEqual([1, 2, 3, 4, 5])
    for (const [place, { record }] of rows.entries()) {
      expect(decodeBody(record.body)).toMatchObject({ ok: true, value: { seq: place + 1, outcome: 'admit' } })
      const before = rows[place - 1]?.record
      if (before !== undefined) expect(record.link).toEqual(nextLink(before.link, record.seq, sha256(record.body)))
    }
    const tags = new Set(rows.flatMap(({ marks }) => marks.map(({ tag }) => tag.toString())))
    expect(tags.size).toBe(5)
  })
})
