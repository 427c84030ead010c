import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { UsageError } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { lockHome } from '../../src/home/home-lock.ts'
import { homePaths } from '../../src/home/home-paths.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

describe('the lock of a home', () => {
  it('keeps a second run out and names the first', () => {
    const paths = homePaths(temporaryFolder())
    lockHome(paths)
    expect(() => lockHome(paths)).toThrowError(UsageError)
    expect(() => lockHome(paths)).toThrowError(new RegExp(`process ${process.pid}.*--home`))
  })

  it('lets the next run in when released', () => {
    const paths = homePaths(temporaryFolder())
    lockHome(paths)()
    expect(() => lockHome(paths)).not.toThrow()
  })

  it('is taken over from a process that is gone', () => {
    const paths = homePaths(temporaryFolder())
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(paths.lock, `${pid}\n`)
    expect(() => lockHome(paths)).not.toThrow()
  })
})
