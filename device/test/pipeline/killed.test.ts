import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeBody } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openJournal, RELAY_FILE, type Step } from '../fixtures/killed-device.ts'
import { phoneCode } from '../fixtures/test-world.ts'

const PROGRAM = join(import.meta.dirname, '../fixtures/killed-device.ts')

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-killed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function runDevice(folder: string, step: Step, code: string) {
  const { signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['-C', 'source', '--import', 'tsx', PROGRAM, folder, step, code],
    { encoding: 'utf8', timeout: 20_000 },
  )
  return { signal, stdout, stderr }
}

function openings(folder: string): number {
  const file = join(folder, RELAY_FILE)
  if (!existsSync(file)) return 0
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '' && JSON.parse(line).on === true).length
}

async function admissions(folder: string): Promise<number> {
  const journal = openJournal(folder)
  const records = journal.history.read(1, { maxRecords: 100, maxBytes: 1_000_000 })
  await journal.close()
  expect(records.map(record => record.seq)).toEqual(records.map((_, index) => index + 1))
  return records.filter(record => {
    const body = decodeBody(record.body)
    return body.ok && body.value.outcome === 'admit'
  }).length
}

/** Step → what is found after the power came back, and how the same showing then ends. */
const TABLE: readonly (readonly [step: Step, admissionsFound: number, openingsFound: number, shownAgain: string])[] = [
  ['before-the-record', 0, 0, 'ok'],
  ['while-writing', 0, 0, 'ok'],
  ['after-the-record', 1, 0, 'replayed'],
  ['after-the-relay', 1, 1, 'replayed'],
]

describe('a device killed', () => {
  for (const [step, admissionsFound, openingsFound, shownAgain] of TABLE) {
    it(`${step.replaceAll('-', ' ')}: no opening lacks a record, and the showing ends as ${shownAgain} afterwards`, async () => {
      const folder = temporaryFolder()
      const code = phoneCode()
      expect(runDevice(folder, step, code)).toMatchObject({ signal: 'SIGKILL', stdout: '' })
      expect(openings(folder)).toBe(openingsFound)
      expect(await admissions(folder)).toBe(admissionsFound)
      expect(runDevice(folder, 'never', code)).toMatchObject({ signal: null, stdout: shownAgain, stderr: '' })
      expect(await admissions(folder)).toBe(1)
    })
  }
})
