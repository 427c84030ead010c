import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { encodeCbor, sha256, toHex, u64be } from '@ankang/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AUDIT_LIMITS } from '../../src/audit/audit-chain.ts'
import { anEntry, auditStand } from '../fixtures/audit-stand.ts'
import { START_MS } from '../fixtures/signing-device.ts'

const ENTRIES = 8

function filled() {
  const stand = auditStand()
  for (let n = 1; n <= ENTRIES; n++) stand.audit.append(anEntry({ subject: `door-${n}` }))
  return { ...stand, sql: (text: string) => stand.store.db.exec(text) }
}

describe('the audit log', () => {
  it('chains an entry as audit-chain.ts says, byte by byte', () => {
    const { audit } = auditStand()
    const record = audit.append(anEntry())
    const genesis = sha256(Buffer.from('ankang/v1 audit'))
    const detail = '{"address":"192.0.2.7","attempts":3,"first":true,"note":null}'
    const entry = encodeCbor([START_MS, 'admin', 'device.revoke', 'hall-door-1', '失窃 stolen', true, detail])
    expect(record.link).toBe(toHex(sha256(genesis, u64be(1), sha256(entry))))
    expect(record).toMatchObject({ id: 1, timeMs: START_MS, ...anEntry() })
    expect(audit.newest()).toEqual({ id: 1, link: record.link })
  })

  it('gives back what was written, newest first and page by page', () => {
    const { audit } = filled()
    const ids = (before: number | null, limit: number) => audit.read(before, limit).map(({ id }) => id)
    expect(ids(null, 3)).toEqual([8, 7, 6])
    expect(ids(6, 3)).toEqual([5, 4, 3])
    expect(ids(1, 3)).toEqual([])
    expect(audit.read(2, 1)).toMatchObject([anEntry({ subject: 'door-1' })])
  })

  it('is searched by the whole actor and by how an action begins, page by page', () => {
    const { audit } = auditStand()
    const actors = ['wang', 'wang2', 'li']
    const actions = ['session.log-in', 'session.log-out', 'device.revoke', 'Session.x']
    for (let n = 0; n < 24; n++)
      audit.append(anEntry({ actor: actors[n % 3] ?? '', action: actions[n % 4] ?? '', subject: `s${n}` }))
    const ids = (search: object) => {
      const { records, olderBefore } = audit.find({ before: null, limit: 5, ...search })
      return [records.map(({ id }) => id), olderBefore]
    }
    expect(ids({})).toEqual([[24, 23, 22, 21, 20], 20])
    expect(ids({ actor: 'wang' })).toEqual([[22, 19, 16, 13, 10], 10])
    expect(ids({ actor: 'wang', before: 10 })).toEqual([[7, 4, 1], null])
    expect(ids({ actor: 'wang', action: 'session.' })).toEqual([[22, 13, 10, 1], null])
    expect(ids({ action: 'session.log-i', limit: 200 })).toEqual([[21, 17, 13, 9, 5, 1], null])
    for (const search of [{ actor: 'wan' }, { action: 'log-in' }, { action: 'session%' }, { before: 1 }])
      expect(ids(search)).toEqual([[], null])
    expect(audit.find({ before: 22, limit: 1, actor: 'wang' }).records).toEqual(audit.read(20, 1))
  })

  it('is searched a stretch at a time, saying where to go on', () => {
    const { audit, store } = auditStand()
    store.db.transaction(() => {
      audit.append(anEntry({ actor: 'once' }))
      for (let n = 0; n < 10_000; n++) audit.append(anEntry())
    })()
    const first = audit.find({ before: null, limit: 100, actor: 'once' })
    expect(first).toEqual({ records: [], olderBefore: 2 })
    const second = audit.find({ before: first.olderBefore, limit: 100, actor: 'once' })
    expect(second).toMatchObject({ records: [{ id: 1, actor: 'once' }], olderBefore: null })
  })

  it('holds whatever texts it is given, and reads them back as they were hashed', async () => {
    const { audit } = auditStand()
    const text = fc.string({ unit: 'binary', maxLength: 150 })
    const entry = fc.record({
      actor: text,
      action: text,
      subject: text,
      purpose: fc.option(text),
      ok: fc.boolean(),
      detail: fc.dictionary(
        text,
        fc.oneof(text, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
      ),
    })
    await fc.assert(
      fc.asyncProperty(entry, async one => {
        const record = audit.append(one)
        expect(audit.read(null, 1)).toEqual([record])
        expect(await audit.check()).toMatchObject({ ok: true, records: record.id })
      }),
      { numRuns: 60 },
    )
  })

  it('cuts what is too long, also within a sign of two halves', async () => {
    const { audit } = auditStand()
    const long = `${'x'.repeat(AUDIT_LIMITS.subject - 2)}😀😀`
    const facts = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`fact-${n}`, 'y'.repeat(5000)]))
    const { subject, detail } = audit.append(anEntry({ subject: long, detail: facts }))
    expect(subject).toHaveLength(AUDIT_LIMITS.subject)
    expect(subject.endsWith('x\uFFFD…')).toBe(true)
    expect(Object.keys(detail)).toHaveLength(AUDIT_LIMITS.details)
    expect(JSON.stringify(detail).length).toBeLessThan(4000)
    expect(await audit.check()).toMatchObject({ ok: true })
  })

  it('takes an entry back with the transaction it stands in', async () => {
    const { audit, store } = filled()
    const failing = store.db.transaction(() => {
      audit.append(anEntry())
      throw new RangeError('the change itself failed')
    })
    expect(() => failing.immediate()).toThrow('the change itself failed')
    expect(await audit.check()).toMatchObject({ ok: true, records: ENTRIES })
  })

  it('keeps one chain when three processes append at once', async () => {
    const { audit, file } = auditStand()
    const program = fileURLToPath(new URL('./appending-process.ts', import.meta.url))
    const run = promisify(execFile)
    const appended = ['one', 'two'].map(name =>
      run(process.execPath, ['--import', 'tsx', '-C', 'source', program, file, name, '60']),
    )
    for (let n = 0; n < 60; n++) {
      audit.append(anEntry({ actor: 'three' }))
      await new Promise(setImmediate)
    }
    await Promise.all(appended)
    expect(await audit.check()).toMatchObject({ ok: true, records: 180, firstFault: null })
    expect(new Set(audit.read(null, 180).map(({ actor }) => actor))).toEqual(new Set(['one', 'two', 'three']))
  })
})

describe('checking the chain', () => {
  it('is good of an empty log and of a whole one', async () => {
    expect(await auditStand().audit.check()).toMatchObject({ ok: true, records: 0, firstFault: null })
    expect(await filled().audit.check()).toMatchObject({ ok: true, records: ENTRIES, firstFault: null })
  })

  it.each([
    ["actor = 'nobody'"],
    ["action = 'device.enrol'"],
    ["subject = 'door-99'"],
    ["purpose = 'x'"],
    ['purpose = NULL'],
    ['ok = 0'],
    ['time_ms = time_ms + 1'],
    ['time_ms = 9223372036854775807'],
    [`detail = '{"address":"192.0.2.8","attempts":3,"first":true,"note":null}'`],
    ["detail = 'no json'"],
    ["detail = '5'"],
    [`detail = '{"a":{"b":1}}'`],
    ['link = randomblob(32)'],
  ])('names the row that was altered by SET %s', async change => {
    const { audit, sql } = filled()
    sql(`UPDATE audit SET ${change} WHERE id = 4`)
    expect(await audit.check()).toMatchObject({ ok: false, records: ENTRIES, firstFault: { id: 4, fault: 'altered' } })
    const shown = audit.read(5, 1)[0]?.detail ?? {}
    expect(Object.values(shown).every(value => typeof value !== 'object' || value === null)).toBe(true)
  })

  it('names the first row that is missing, at the beginning, within and at the end', async () => {
    for (const id of [1, 5, ENTRIES]) {
      const { audit, sql } = filled()
      sql(`DELETE FROM audit WHERE id = ${id}`)
      expect(await audit.check(), String(id)).toMatchObject({ ok: false, firstFault: { id, fault: 'missing' } })
    }
  })

  it('names the first missing row of a tail that was cut off, also when the log went on', async () => {
    const { audit, sql } = filled()
    sql('DELETE FROM audit WHERE id > 5')
    expect(await audit.check()).toMatchObject({ ok: false, records: ENTRIES, firstFault: { id: 6, fault: 'missing' } })
    audit.append(anEntry())
    expect(await audit.check()).toMatchObject({ records: ENTRIES + 1, firstFault: { id: 6, fault: 'missing' } })
  })

  it('names a log that was emptied', async () => {
    const { audit, sql } = filled()
    sql('DELETE FROM audit')
    expect(await audit.check()).toMatchObject({ ok: false, firstFault: { id: 1, fault: 'missing' } })
  })

  it('names two rows that were swapped, and where the first of them stands now', async () => {
    const { audit, sql } = filled()
    sql(
      'UPDATE audit SET id = 99 WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 6; UPDATE audit SET id = 6 WHERE id = 99',
    )
    expect(await audit.check()).toMatchObject({ ok: false, firstFault: { id: 3, fault: 'moved', foundAt: 6 } })
  })

  it('names rows that were closed up over a deleted one', async () => {
    const { audit, sql } = filled()
    sql('DELETE FROM audit WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 4')
    expect(await audit.check()).toMatchObject({ ok: false, firstFault: { id: 3, fault: 'altered' } })
  })

  it('names rows that were put behind the end', async () => {
    const { audit, sql } = filled()
    sql(
      'INSERT INTO audit SELECT id + 1, time_ms, actor, action, subject, purpose, ok, detail, link FROM audit WHERE id = 8',
    )
    expect(await audit.check()).toMatchObject({ ok: false, firstFault: { id: 9, fault: 'added' } })
  })

  it('notices a chain that was made anew with other words, by the newest link alone', async () => {
    const forged = auditStand()
    for (let n = 1; n <= ENTRIES; n++) forged.audit.append(anEntry({ subject: `door-${n}`, actor: 'nobody' }))
    const { audit, store, sql } = filled()
    sql('DELETE FROM audit')
    for (const row of forged.store.db.prepare<[], object>('SELECT * FROM audit').all())
      store.db
        .prepare('INSERT INTO audit VALUES (@id,@time_ms,@actor,@action,@subject,@purpose,@ok,@detail,@link)')
        .run(row)
    const { newest } = await audit.check()
    expect(await audit.check()).toMatchObject({
      firstFault: { id: ENTRIES, fault: 'rewritten', expected: newest.link, found: forged.audit.newest().link },
    })
  })

  it('notices by a witness what store and newest link together hide', async () => {
    const { audit, sql } = filled()
    const witness = { id: ENTRIES, link: audit.newest().link }
    expect(await audit.check(witness)).toMatchObject({ ok: true })
    audit.append(anEntry())
    expect(await audit.check(witness)).toMatchObject({ ok: true })
    sql("DELETE FROM audit; DELETE FROM meta WHERE key = 'audit-newest'")
    expect(await audit.check()).toMatchObject({ ok: true, records: 0 })
    expect(await audit.check(witness)).toMatchObject({ ok: false, firstFault: { id: 1, fault: 'missing' } })
    for (let n = 1; n <= ENTRIES; n++) audit.append(anEntry({ subject: `other-${n}` }))
    expect(await audit.check()).toMatchObject({ ok: true })
    expect(await audit.check(witness)).toMatchObject({ ok: false, firstFault: { id: ENTRIES, fault: 'rewritten' } })
  })

  it('finds any change of any one column of any one row', async () => {
    const { audit, store } = filled()
    const columns = ['actor', 'action', 'subject', 'purpose', 'detail'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: ENTRIES }),
        fc.constantFrom(...columns),
        fc.string({ maxLength: 20 }),
        async (id, column, text) => {
          const before = store.db.prepare(`SELECT ${column} AS text FROM audit WHERE id = ?`).get(id) as {
            text: string
          }
          fc.pre(before.text !== text)
          const set = store.db.prepare(`UPDATE audit SET ${column} = ? WHERE id = ?`)
          set.run(text, id)
          const { firstFault } = await audit.check()
          set.run(before.text, id)
          expect(firstFault).toMatchObject({ id, fault: 'altered' })
        },
      ),
      { numRuns: 100 },
    )
    expect(await audit.check()).toMatchObject({ ok: true })
  })
})
