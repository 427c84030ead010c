import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')

const PLANTED = `
import { expect, it } from 'vitest'
import { requirement } from '${join(ROOT, 'scripts/testing/requirements.ts')}'
const socat = requirement('socat')
const vectors = requirement('vectors')
it('needs nothing', () => {})
socat.it('needs a line', () => { expect(socat.value).toContain('socat') })
vectors.it('needs the sets', () => { expect(vectors.value).not.toBe('') })
`

interface Run {
  readonly exitCode: number | null
  readonly lines: readonly string[]
}

/** Runs vitest over planted tests, with only these programs on the PATH. */
function runPlanted(test: string, programs: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-requirements-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const bin = mkdtempSync(join(tmpdir(), 'ankang-path-'))
  onTestFinished(() => rmSync(bin, { recursive: true, force: true }))
  for (const program of programs) symlinkSync('/bin/true', join(bin, program))
  writeFileSync(join(folder, 'planted.test.ts'), test)
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `export default {
      ssr: { resolve: { conditions: ['source', 'module', 'node'] } },
      server: { fs: { strict: false } },
      resolve: { alias: { '@ankang/protocol': '${join(ROOT, 'protocol/src/index.ts')}', vitest: '${join(ROOT, 'node_modules/vitest')}' } },
      test: { reporters: ['default', '${join(ROOT, 'scripts/testing/requirements-reporter.ts')}'] },
    }`,
  )
  const { status, stdout } = spawnSync(process.execPath, [VITEST, 'run', '--root', folder], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: bin, HOME: folder, NO_COLOR: '1', ...env },
  })
  return { exitCode: status, lines: stdout.trimEnd().split('\n') }
}

describe('a test with a requirement', () => {
  it('runs when it is there, and the run ends with the closing line', () => {
    const { exitCode, lines } = runPlanted(PLANTED, ['socat'], { ANKANG_VECTORS: ROOT })
    expect(lines.at(-1)).toBe('3 passed, 0 failed')
    expect(exitCode).toBe(0)
  })

  it('is skipped when it is missing, and listed by name with the line that installs it', () => {
    const { exitCode, lines } = runPlanted(PLANTED, [])
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 2 skipped')
    const text = lines.join('\n')
    expect(text).toContain('Not run, for want of socat (socat is not on the PATH):\n  - planted.test.ts: needs a line')
    expect(text).toContain('to run: sudo scripts/install-test-services.sh')
    expect(text).toContain('Not run, for want of vectors (ANKANG_VECTORS is not set):')
    expect(exitCode).toBe(0)
  })

  it('fails when everything is required, but for the published vectors', () => {
    const { exitCode, lines } = runPlanted(PLANTED, [], { ANKANG_REQUIRE: 'all' })
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped')
    expect(exitCode).toBe(1)
  })
})

describe('the closing line', () => {
  it('counts failures, and files that broke before any test', () => {
    expect(
      runPlanted(`import { it } from 'vitest'\nit('fails', () => { throw new TypeError() })`, []).lines.at(-1),
    ).toBe('0 passed, 1 failed')
    const broken = runPlanted(`throw new TypeError('before any test')`, [])
    expect(broken.lines.at(-1)).toBe('0 passed, 1 failed')
    expect(broken.exitCode).toBe(1)
  })

  it('stands behind the summary of vitest', () => {
    const { lines } = runPlanted(`import { it } from 'vitest'\nit('passes', () => {})`, [])
    const summary = lines.findIndex(line => line.includes('Duration'))
    expect(summary).toBeGreaterThan(0)
    expect(summary).toBeLessThan(lines.length - 1)
  })
})
