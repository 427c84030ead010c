import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { SeededDraw } from '../../src/city/seeded-draw.ts'
import { HALL_SITE, homePaths } from '../../src/home/home-paths.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { GOOD_SCENARIOS } from '../../src/scenarios/good-scenarios.ts'
import { stageScenario } from '../../src/scenarios/scenario-table.ts'
import { stageMaker } from '../../src/scenarios/schedule.ts'
import { openHall, type VirtualHall } from '../../src/virtual/virtual-hall.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const python3 = requirement('python3')
const RUN_TIMEOUT_MS = 90_000

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

function options(directory: string) {
  return { directory, now: nowSeconds(), httpPort: 0, mqttPort: 0, onProgress: () => undefined }
}

async function hallIn(directory: string, onText?: (text: string) => void): Promise<VirtualHall> {
  const hall = await openHall({ ...options(directory), onText })
  onTestFinished(() => hall.close())
  return hall
}

/** A green phone's code of now. */
function greenCode({ city }: VirtualHall, salt: string): Uint8Array {
  const stage = stageMaker(city, HALL_SITE, new SeededDraw(new Uint8Array(32), salt))(nowSeconds())
  const [phone] = GOOD_SCENARIOS
  return phone === undefined ? expect.fail('no scenario') : (stageScenario(phone, stage)[0]?.code ?? new Uint8Array(0))
}

describe('a virtual hall', () => {
  python3.it(
    'reads at both doors again after their devices were restarted',
    async () => {
      const hall = await hallIn(temporaryFolder())
      for (const { door, device } of hall.doors) {
        expect(await device.present(greenCode(hall, `${door.device} before`))).toMatchObject({ outcome: 'admit' })
        await device.clear()
        await device.restart()
        expect(await device.present(greenCode(hall, `${door.device} after`))).toMatchObject({
          outcome: 'admit',
          reader: door.reader,
        })
      }
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'tells nobody’s name or number in any line its programs print',
    async () => {
      const lines: string[] = []
      const hall = await hallIn(temporaryFolder(), text => lines.push(text))
      const people = Array.from({ length: hall.city.population }, (_, index) => hall.city.resident(index))
      for (const { door, device } of hall.doors) await device.present(greenCode(hall, door.device))
      const printed = lines.join('\n')
      expect(lines.filter(line => line.includes('"event":"showing"'))).toHaveLength(2)
      const told = people.filter(({ idNumber, name, maskedName }) =>
        [idNumber, name, maskedName].some(secret => printed.includes(secret)),
      )
      expect(told).toEqual([])
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'that cannot come up says which program and why, and leaves the home free',
    async () => {
      const directory = temporaryFolder()
      prepareHome(options(directory))
      const store = join(homePaths(directory).controller, 'store.sqlite')
      writeFileSync(store, 'a text where a database has to be '.repeat(100))
      await expect(openHall(options(directory))).rejects.toMatchObject({
        code: 'program-ended',
        message: expect.stringMatching(/controller.*exit code 1.*store\.sqlite/s),
      })
      rmSync(store)
      await hallIn(directory)
    },
    RUN_TIMEOUT_MS,
  )
})
