import { describe, expect, it, onTestFinished } from 'vitest'
import { homePaths } from '../../src/home/home-paths.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { startLoneDoor } from '../../src/virtual/lone-door.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const SHOWINGS = 60
const MOST_RESIDENT_MB = 240

describe('the device program', () => {
  it(`stays below ${MOST_RESIDENT_MB} MB resident with camera and display, ${SHOWINGS} showings long`, async () => {
    const directory = temporaryFolder()
    const { city } = prepareHome({ directory, now: Math.floor(Date.now() / 1000), httpPort: 0, mqttPort: 0 })
    const door = await startLoneDoor(homePaths(directory), city)
    onTestFinished(() => door.stop())
    for (let showing = 0; showing < SHOWINGS; showing++)
      expect(await door.showNext()).toMatchObject({ outcome: 'admit' })
    expect(door.residentMb()).toBeGreaterThan(50) // a process that has ended has none
    expect(door.residentMb()).toBeLessThan(MOST_RESIDENT_MB)
  }, 60_000)
})
