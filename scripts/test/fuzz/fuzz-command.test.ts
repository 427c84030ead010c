import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Family } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ak1Target } from '../../fuzz/ak1-target.ts'
import { type FuzzWorld, fuzzCommand } from '../../fuzz/fuzz-command.ts'
import { reallyVerified, withPlanted } from './planted-family.ts'

/** The real corpus, read once for all tests. */
const corpus = ak1Target.readCorpus(null)
const targets = [{ family: 'ak1', readCorpus: () => corpus }]

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ankang-fuzz-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** Runs the command; `stopAfter` aborts as Ctrl-C would, once the clock has been read so often. */
async function fuzz(args: readonly string[], world: FuzzWorld & { stopAfter?: number } = {}) {
  const stop = new AbortController()
  const said = { out: '', err: '' }
  let readings = 0
  const io = {
    out: (text: string) => {
      said.out += text
    },
    err: (text: string) => {
      said.err += text
    },
    interactive: false,
    cwd: tmpdir(),
    signal: stop.signal,
  }
  const nowMs = () => {
    readings++
    if (readings === world.stopAfter) stop.abort()
    return readings * 500
  }
  const exitCode = await fuzzCommand(args, io, { targets, nowMs, ...world })
  return { exitCode, ...said, json: () => JSON.parse(said.out) }
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

describe('npm run fuzz', () => {
  it('prints its figures as one line of JSON, or in words', async () => {
    const run = await fuzz(['--inputs', '300', '--seed', '9', '--json'])
    expect(run.exitCode).toBe(0)
    expect(run.out.split('\n')).toHaveLength(2)
    expect(run.json()).toMatchObject({ outcome: 'finished', family: 'ak1', seed: 9, inputs: 300, next: 300 })
    const { inputs, unchanged, refusedBy } = run.json().figures
    expect(inputs + unchanged).toBe(300)
    const words = await fuzz(['--inputs', '300', '--seed', '9'])
    expect(words.out).toContain('ak1 · 种子 seed 9 · 300 / 300')
    expect(words.out).toMatch(new RegExp(`malformed +${refusedBy.malformed}\n`))
  })

  it('says how far it is at least every two seconds of its clock', async () => {
    const { err } = await fuzz(['--inputs', '1000'])
    // The clock of this test goes on half a second a slice of a hundred.
    expect(err.match(/\d+ \/ 1000/g)).toEqual(['200 / 1000', '400 / 1000', '600 / 1000', '800 / 1000', '1000 / 1000'])
  })

  it('explains itself in both languages', async () => {
    const { out, exitCode } = await fuzz(['--help'])
    expect(exitCode).toBe(0)
    for (const word of ['用法 usage', '--family', '--seed', '--inputs', '--state', '--json', '例 example'])
      expect(out).toContain(word)
  })

  for (const [args, code] of [
    [['--family', 'ak9'], 'usage'],
    [['--inputs', 'many'], 'usage'],
    [['--from', '3', '--state', 'x.json'], 'usage'],
    [['--count', '3'], 'ERR_PARSE_ARGS_UNKNOWN_OPTION'],
  ] as const)
    it(`refuses ${args.join(' ')}`, async () => {
      await expect(fuzz(args)).rejects.toMatchObject({ code })
    })
})

describe('a run with a state file', () => {
  it('that was interrupted goes on where it stood, and ends with the figures of one run', async () => {
    const path = join(folder(), 'state.json')
    const args = ['--inputs', '1000', '--seed', '4', '--state', path, '--json']
    const first = await fuzz(args, { stopAfter: 5 })
    expect(first.exitCode).toBe(130)
    expect(first.json().outcome).toBe('interrupted')
    expect(first.err).toContain(path)
    const stood = json(path).next
    expect(stood).toBeGreaterThan(0)
    expect(stood).toBeLessThan(1000)

    const second = await fuzz(args)
    expect(second.exitCode).toBe(0)
    expect(second.err).toContain(`going on at ${stood} of 1000`)
    const whole = await fuzz(['--inputs', '1000', '--seed', '4', '--json'])
    expect(second.json().figures).toEqual(whole.json().figures)
    expect(json(path).figures).toEqual(whole.json().figures)
  })

  it('that is finished says so and does nothing, until more inputs are asked for', async () => {
    const path = join(folder(), 'state.json')
    await fuzz(['--inputs', '200', '--state', path, '--json'])
    const again = await fuzz(['--state', path, '--json'])
    expect(again.exitCode).toBe(0)
    expect(again.err).toContain('finished: 200 / 200')
    expect(again.json()).toMatchObject({ outcome: 'finished', next: 200 })
    const more = await fuzz(['--inputs', '300', '--state', path, '--json'])
    expect(more.json()).toMatchObject({ outcome: 'finished', next: 300 })
  })

  it('saves every few seconds', async () => {
    const path = join(folder(), 'state.json')
    const seen: number[] = []
    let readings = 0
    const nowMs = () => {
      readings++
      if (readings > 1) for (const name of readdirSync(join(path, '..'))) seen.push(json(join(path, '..', name)).next)
      return readings * 500
    }
    await fuzz(['--inputs', '2000', '--state', path], { nowMs })
    expect([...new Set(seen)]).toEqual([600, 1200, 1800])
    expect(json(path).next).toBe(2000)
  })

  it('refuses to go on with another seed, another family or other mutations', async () => {
    const path = join(folder(), 'state.json')
    await fuzz(['--inputs', '100', '--seed', '4', '--state', path])
    await expect(fuzz(['--seed', '5', '--state', path])).rejects.toMatchObject({ code: 'fuzz-state-mismatch' })
    const others = [{ family: 'ak1', readCorpus: () => ({ ...corpus, digest: 'other' }) }]
    await expect(fuzz(['--state', path], { targets: others })).rejects.toMatchObject({ code: 'fuzz-state-mismatch' })
    const renamed = [{ family: 'ak2', readCorpus: () => corpus }]
    const away = fuzz(['--family', 'ak2', '--state', path], { targets: renamed })
    await expect(away).rejects.toMatchObject({ code: 'fuzz-state-mismatch' })
  })

  it('refuses a file that is no state', async () => {
    const path = join(folder(), 'state.json')
    for (const text of ['', '{}', '{"version":1}', 'no JSON']) {
      writeFileSync(path, text)
      await expect(fuzz(['--state', path])).rejects.toMatchObject({ code: 'fuzz-state-invalid' })
    }
  })
})

describe('a finding', () => {
  /** Wrong about one code in many: one digit at one place makes it throw. */
  const throwing: readonly Family[] = withPlanted('ak1', (bytes, context) => {
    if (bytes[20] === 0x41) throw new RangeError('planted')
    return reallyVerified(bytes, context)
  })

  it('ends the run with exit code 1, and what to type to see it again', async () => {
    const run = await fuzz(['--seed', '2', '--json'], { families: throwing })
    expect(run.exitCode).toBe(1)
    expect(run.json().outcome).toBe('finding')
    expect(run.err).toContain('planted')
    const place = /--family ak1 --seed 2 --from (\d+) --inputs 1/.exec(run.err)?.[1] ?? expect.fail(run.err)
    expect(run.json().next).toBe(Number(place))
    const again = await fuzz(['--seed', '2', '--from', place, '--inputs', '1'], { families: throwing })
    expect(again.exitCode).toBe(1)
    const mended = await fuzz(['--seed', '2', '--from', place, '--inputs', '1'])
    expect(mended.exitCode).toBe(0)
  })

  it('is where a run with a state file goes on, once it is mended, with the figures of one run', async () => {
    const path = join(folder(), 'state.json')
    const args = ['--inputs', '500', '--seed', '2', '--state', path, '--json']
    expect((await fuzz(args, { families: throwing })).exitCode).toBe(1)
    expect((await fuzz(args, { families: throwing })).exitCode).toBe(1)
    expect(json(path).next).toBeLessThan(500)
    const mended = await fuzz(args)
    const whole = await fuzz(['--inputs', '500', '--seed', '2', '--json'])
    expect(mended.json().figures).toEqual(whole.json().figures)
  })
})
