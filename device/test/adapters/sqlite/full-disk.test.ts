import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../../scripts/testing/requirements.ts'
import { TestClock } from '../../../src/testing/test-clock.ts'
import { openJournal } from '../../fixtures/killed-device.ts'
import { testLine } from '../../fixtures/test-line.ts'
import { NOW_SECONDS, phoneCode } from '../../fixtures/test-world.ts'

const tmpfs = requirement('tmpfs')

function smallDisk(megabytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-full-'))
  expect(spawnSync(tmpfs.value, ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).status).toBe(0)
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

describe('a full disk', () => {
  tmpfs.it(
    'stops admissions with its reason, opens nothing without a record, and heals when space is freed',
    async () => {
      const folder = smallDisk(2)
      const clock = new TestClock(NOW_SECONDS * 1000)
      const journal = openJournal(folder, clock)
      const door = testLine({ journal, clock })
      const ballast = join(folder, 'ballast')
      let number = 0
      const showNext = () => door.show(phoneCode({ number: ++number }))
      expect((await showNext()).outcome).toBe('admit')
      try {
        writeFileSync(ballast, new Uint8Array(3_000_000))
      } catch {
        // As wanted: the disk took what it could, and is full.
      }
      // What SQLite holds in reserve is used up before it says that the disk is full.
      let end = await showNext()
      for (let tries = 0; end.seq !== null && tries < 2000; tries++) end = await showNext()
      expect(end).toMatchObject({ seq: null, outcome: 'deny', reason: 'storage-full' })
      expect(door.journalFaults.at(-1)).toMatchObject({
        code: 'journal-full',
        message: expect.stringMatching(/no space left to write a record; free space/),
      })
      const recorded = journal.head().seq
      expect(door.relay.movements).toHaveLength(recorded)
      rmSync(ballast)
      expect(await showNext()).toMatchObject({ seq: recorded + 1, outcome: 'admit' })
      expect(door.relay.movements).toHaveLength(recorded + 1)
      await journal.close()
      const reopened = openJournal(folder, clock)
      expect(reopened.head().seq).toBe(recorded + 1)
      await reopened.close()
    },
  )
})
