import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileKeep } from '../../../src/adapters/file/file-keep.ts'
import { keepContract } from '../../contracts/keep-contract.ts'

function keepFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-keep-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'kept.json')
}

keepContract('the keep in a file', () => {
  const file = keepFile()
  return {
    reopen: () => new FileKeep(file),
    // A folder where the new state would be written: works for root too, whom no permission stops.
    breakHardware: () => mkdirSync(`${file}.new`),
    repairHardware: () => rmSync(`${file}.new`, { recursive: true }),
    spoil: () => truncateSync(file, 5),
  }
})

describe('the keep in a file', () => {
  it('is its owner’s alone', async () => {
    const file = keepFile()
    await new FileKeep(file).save({ lockdown: false, desired: null })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('minds no half-written state of a run that was cut short', async () => {
    const file = keepFile()
    await new FileKeep(file).save({ lockdown: true, desired: null })
    writeFileSync(`${file}.new`, '{"lockdown":fal')
    expect(await new FileKeep(file).load()).toEqual({ lockdown: true, desired: null })
    await new FileKeep(file).save({ lockdown: false, desired: null })
    expect(await new FileKeep(file).load()).toEqual({ lockdown: false, desired: null })
  })

  it.each([
    ['keys it does not know', '{"lockdown":true,"desired":null,"more":1}'],
    ['a lockdown that is no yes or no', '{"lockdown":"no","desired":null}'],
    ['bytes that are no base64', '{"lockdown":true,"desired":"***"}'],
    ['nothing', ''],
  ])('takes no state with %s', async (_, text) => {
    const file = keepFile()
    writeFileSync(file, text)
    await expect(new FileKeep(file).load()).rejects.toMatchObject({ code: 'kept-state-broken' })
  })
})
