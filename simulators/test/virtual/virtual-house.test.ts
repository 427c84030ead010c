import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { SeededDraw } from '../../src/city/seeded-draw.ts'
import { homePaths } from '../../src/home/home-paths.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { GOOD_SCENARIOS } from '../../src/scenarios/good-scenarios.ts'
import { stageScenario } from '../../src/scenarios/scenario-table.ts'
import { stageMaker } from '../../src/scenarios/schedule.ts'
import { openHouse, type VirtualHouse } from '../../src/virtual/virtual-house.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const python3 = requirement('python3')
const RUN_TIMEOUT_MS = 90_000

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

function options(directory: string) {
  return { directory, now: nowSeconds(), httpPort: 0, mqttPort: 0, onProgress: () => undefined }
}

async function houseIn(directory: string, onText?: (text: string) => void): Promise<VirtualHouse> {
  const house = await openHouse({ ...options(directory), onText })
  onTestFinished(() => house.close())
  return house
}

/** A green phone's code of now. */
function greenCode({ city }: VirtualHouse, salt: string): Uint8Array {
  const stage = stageMaker(city, 'anywhere', new SeededDraw(new Uint8Array(32), salt))(nowSeconds())
  const [phone] = GOOD_SCENARIOS
  return phone === undefined ? expect.fail('no scenario') : (stageScenario(phone, stage)[0]?.code ?? new Uint8Array(0))
}

describe('a virtual house', () => {
  python3.it(
    'reads at both doors and on both buses again after their devices were restarted',
    async () => {
      const house = await houseIn(temporaryFolder())
      const restarts = [
        ...house.doors.map(door => ({ ...door, restart: () => door.device.clear().then(() => door.device.restart()) })),
        ...house.buses.map(bus => ({ ...bus, restart: () => bus.night() })),
      ]
      const readAgain = async ({ post, device, restart }: (typeof restarts)[number]) => {
        expect(await device.present(greenCode(house, `${post.device} before`))).toMatchObject({ outcome: 'admit' })
        await restart()
        expect(await device.present(greenCode(house, `${post.device} after`))).toMatchObject({
          outcome: 'admit',
          reader: post.reader,
        })
      }
      await Promise.all(restarts.map(readAgain))
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'tells nobody’s name or number in any line its programs print',
    async () => {
      const lines: string[] = []
      const house = await houseIn(temporaryFolder(), text => lines.push(text))
      const people = Array.from({ length: house.city.population }, (_, index) => house.city.resident(index))
      for (const { post, device } of [...house.doors, ...house.buses])
        await device.present(greenCode(house, post.device))
      const printed = lines.join('\n')
      expect(lines.filter(line => line.includes('"event":"showing"'))).toHaveLength(4)
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
      await expect(openHouse(options(directory))).rejects.toMatchObject({
        code: 'program-ended',
        message: expect.stringMatching(/controller.*exit code 1.*store\.sqlite/s),
      })
      rmSync(store)
      await houseIn(directory)
    },
    RUN_TIMEOUT_MS,
  )
})
