import { join } from 'node:path'
import { utf8 } from '@ankang/protocol'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { homePaths } from '../../src/home/home-paths.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { HALL_DOORS } from '../../src/home/virtual-posts.ts'
import { Phone } from '../../src/phone/phone.ts'
import { settlePost } from '../../src/virtual/enrol-post.ts'
import { CONTROLLER_PROGRAM, DEVICE_PROGRAM } from '../../src/virtual/programs.ts'
import { PtyPair } from '../../src/virtual/pty-pair.ts'
import { exportedLedger, relayOpenings } from '../fixtures/ledger.ts'
import { RunningProgram } from '../fixtures/running-program.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const python3 = requirement('python3')
const LIMIT_MS = 120_000

async function house() {
  const directory = temporaryFolder()
  const nowSeconds = Math.floor(Date.now() / 1000)
  const { city } = prepareHome({ directory, now: nowSeconds, httpPort: 0, mqttPort: 0 })
  const paths = homePaths(directory)
  const door = HALL_DOORS.find(({ reader }) => reader === 'scanner')
  if (door === undefined) throw new TypeError('the hall has no scanner')
  const line = await PtyPair.open(paths.device(door.device).scannerLine)
  onTestFinished(() => line.close())
  let next = 0
  /** Codes of different green residents, each shown once. */
  const writeCodes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const resident = city.findResident('ordinary', 'green', next)
      if (resident === null) throw new TypeError('nobody is green')
      next = resident.index + 1
      await line.write(utf8(`${new Phone({ city, resident }).show(Math.floor(Date.now() / 1000)).text}\r`))
    }
  }
  let mqttUrl = ''
  let enrolUrl = ''
  const startController = async () => {
    const port = mqttUrl === '' ? [] : ['--mqtt-port', new URL(mqttUrl).port]
    const controller = new RunningProgram(CONTROLLER_PROGRAM, ['--config', paths.controllerConfig, ...port])
    await controller.until(() => controller.all('ready').length > 0)
    mqttUrl = String(controller.all('ready')[0]?.['mqttUrl'])
    enrolUrl = new URL(String(controller.all('ready')[0]?.['httpUrl'])).origin
    return controller
  }
  const startDevice = async () => {
    const config = await settlePost(paths, door, { mqttUrl, enrolUrl })
    const device = new RunningProgram(DEVICE_PROGRAM, ['--config', config])
    await device.until(() => device.all('ready').length > 0)
    return device
  }
  const relayFile = join(directory, 'devices', door.device, 'relay.jsonl')
  return { directory, relayFile, writeCodes, startController, startDevice }
}

const lastConfirmed = (device: RunningProgram) => device.all('confirmed').at(-1)

describe('power cuts', () => {
  python3.it(
    'lose and double no record when the controller is killed in the middle of an upload, again and again',
    async () => {
      const { directory, writeCodes, startController, startDevice, relayFile } = await house()
      let controller = await startController()
      const device = await startDevice()
      const perRound = 25
      const rounds = 4
      for (let round = 1; round <= rounds; round++) {
        await device.until(() => device.all('link').at(-1)?.['state'] === 'up')
        const writing = writeCodes(perRound)
        await device.until(() => device.all('showing').length >= (round - 1) * perRound + 8)
        await controller.cutPower()
        await writing
        await device.until(() => device.all('showing').length === round * perRound)
        controller = await startController()
      }
      const last = device.all('showing').at(-1)?.['seq']
      await device.until(() => lastConfirmed(device)?.['through'] === last)
      await device.stop()
      const ledger = exportedLedger(directory)
      const showings = ledger.filter(record => record.type === 'showing')
      expect(showings).toHaveLength(perRound * rounds)
      expect(showings.map(record => record.seq)).toEqual(device.all('showing').map(event => event['seq']))
      expect(showings.map(record => record.reason)).toEqual(showings.map(() => 'ok'))
      expect(relayOpenings(relayFile)).toBe(perRound * rounds)
    },
    LIMIT_MS,
  )

  python3.it(
    'leave no opening without a record and no gap when the device is killed at any moment',
    async () => {
      const { directory, writeCodes, startController, startDevice, relayFile } = await house()
      await startController()
      const announced: unknown[] = []
      for (const showingsBeforeTheCut of [0, 1, 2, 3, 5, 8]) {
        const device = await startDevice()
        const writing = writeCodes(12)
        await device.until(() => device.all('showing').length >= showingsBeforeTheCut)
        await device.cutPower()
        await writing
        announced.push(...device.all('showing').map(event => event['seq']))
      }
      const device = await startDevice()
      await device.until(() => lastConfirmed(device)?.['backlog'] === 0)
      await writeCodes(1)
      const seen = device.all('confirmed').length
      await device.until(() => device.all('confirmed').length > seen && lastConfirmed(device)?.['backlog'] === 0)
      announced.push(...device.all('showing').map(event => event['seq']))
      await device.stop()
      const ledger = exportedLedger(directory)
      const stored = new Set(ledger.map(record => record.seq))
      expect(announced.filter(seq => !stored.has(Number(seq)))).toEqual([])
      const admissions = ledger.filter(record => record.outcome === 'admit')
      expect(relayOpenings(relayFile)).toBeLessThanOrEqual(admissions.length)
      expect(relayOpenings(relayFile)).toBeGreaterThanOrEqual(announced.length)
      const tags = admissions.map(record => Buffer.from(record.showingTag ?? []).toString('hex'))
      expect(new Set(tags).size).toBe(tags.length)
    },
    LIMIT_MS,
  )
})
