import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { phoneCode } from '../fixtures/test-world.ts'

const strace = requirement('strace')
const PROGRAM = join(import.meta.dirname, '../fixtures/killed-device.ts')

type Call = 'journal-write' | 'journal-sync' | 'relay-on'

const CALLS: readonly (readonly [Call, RegExp])[] = [
  ['journal-write', /(?:pwrite64|pwritev|write)\(\d+<[^>]*journal\.sqlite-wal>/],
  ['journal-sync', /(?:fsync|fdatasync)\(\d+<[^>]*journal\.sqlite-wal>\)\s+= 0/],
  ['relay-on', /write\(\d+<[^>]*relay\.jsonl>, .*\\"on\\":true/],
]

/** What the kernel was asked for, in order. */
function trace(folder: string): Call[] {
  const file = join(folder, 'trace')
  const calls = 'trace=fsync,fdatasync,pwrite64,pwritev,write'
  const command = [
    '-f',
    '-y',
    '-s',
    '200',
    '-e',
    calls,
    '-o',
    file,
    process.execPath,
    '-C',
    'source',
    '--import',
    'tsx',
    PROGRAM,
    folder,
    'never',
    phoneCode(),
  ]
  const run = spawnSync(strace.value, command, { encoding: 'utf8', timeout: 60_000 })
  expect(run).toMatchObject({ status: 0, stdout: 'ok' })
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap(line => CALLS.filter(([, pattern]) => pattern.test(line)).map(([call]) => call))
}

describe('the record of an admission', () => {
  strace.it('has been synced to disk when the relay moves, as the kernel sees it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ankang-durable-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const calls = trace(folder)
    const relay = calls.indexOf('relay-on')
    const before = calls.slice(0, relay)
    expect(calls.filter(call => call === 'relay-on')).toHaveLength(1)
    expect(before).toContain('journal-write')
    expect(before.at(-1)).toBe('journal-sync')
    expect(before.lastIndexOf('journal-sync')).toBeGreaterThan(before.lastIndexOf('journal-write'))
  })
})
