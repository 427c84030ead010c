import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openRidePlatform, rideFolder } from '../../src/ride/ride-home.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

describe('the ride platform of a home', () => {
  it('keeps its keys and its secret, each to its owner, and nothing else', () => {
    const home = temporaryFolder()
    openRidePlatform(home)
    const files = readdirSync(rideFolder(home)).sort()
    expect(files).toEqual(['accounts.secret', 'county.key', 'neighbour.key', 'root.key'])
    for (const file of files) expect((statSync(join(rideFolder(home), file)).mode & 0o777).toString(8)).toBe('600')
  })

  it('is the same when opened again, and another one elsewhere', () => {
    const home = temporaryFolder()
    const first = openRidePlatform(home)
    const again = openRidePlatform(home)
    expect(again.publish()).toEqual(first.publish())
    expect(again.rider(42)).toEqual(first.rider(42))
    expect(openRidePlatform(temporaryFolder()).publish()).not.toEqual(first.publish())
  })

  it('with a broken key says which file and what to do', () => {
    const home = temporaryFolder()
    openRidePlatform(home)
    writeFileSync(join(rideFolder(home), 'root.key'), 'abc')
    expect(() => openRidePlatform(home)).toThrowError(/root\.key: expected 32 bytes as hex; remove/)
  })
})
