import { UsageError } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { benches } from '../../src/bench/index.ts'
import { benchCommand, inWords } from '../../src/commands/bench.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { testIo } from '../fixtures/test-io.ts'

describe('ankang bench', () => {
  it('names every bench in its help', () => {
    for (const { name, summary } of benches) {
      expect(benchCommand.help).toContain(name)
      expect(benchCommand.help).toContain(summary)
    }
  })

  it('says which benches there are to whoever names none of them', async () => {
    const io = testIo(temporaryFolder())
    for (const argv of [[], ['nothing']]) await expect(benchCommand.run(argv, io)).rejects.toThrow(/showing, .*journal/)
    await expect(benchCommand.run([], io)).rejects.toBeInstanceOf(UsageError)
  })

  it('prints one line of JSON, and its progress elsewhere', async () => {
    const io = testIo(temporaryFolder())
    expect(await benchCommand.run(['decode', '--json'], io)).toBe(0)
    expect(io.printed.out).toMatch(/^\{[^\n]*\}\n$/)
    expect(JSON.parse(io.printed.out)).toEqual({
      name: 'decode',
      figures: expect.objectContaining({ pictures: expect.any(Number), oursRead: expect.any(Number) }),
      limit: expect.any(Number),
      better: 'lower',
      ratio: expect.any(Number),
    })
    expect(io.printed.err).toContain('round 1/')
  })

  it('stops when it is interrupted', async () => {
    const io = testIo(temporaryFolder())
    io.interrupt()
    for (const name of ['decode', 'verify', 'ride', 'journal'])
      await expect(benchCommand.run([name], io), name).rejects.toThrow(/abort/i)
  })

  it('marks in words whether the limit is kept, whichever way it points', () => {
    const result = { name: 'x', figures: { oneMs: 1.5 }, limit: 0.9 } as const
    expect(inWords({ ...result, better: 'higher', ratio: 0.95 })).toMatch(
      /^x: ratio 0.95 \(at least 0.9\) ✓\n {2}oneMs +1.5\n$/,
    )
    expect(inWords({ ...result, better: 'higher', ratio: 0.85 })).toContain('(at least 0.9) ✗')
    expect(inWords({ ...result, better: 'lower', ratio: 0.95 })).toContain('(at most 0.9) ✗')
    expect(inWords({ ...result, better: 'lower', ratio: 0.85 })).toContain('(at most 0.9) ✓')
  })
})
