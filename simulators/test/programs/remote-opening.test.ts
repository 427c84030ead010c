import { readFileSync } from 'node:fs'
import { utf8 } from '@ankang/protocol'
import { describe, expect, onTestFinished, vi } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { homePaths } from '../../src/home/home-paths.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { HALL_DOORS } from '../../src/home/virtual-posts.ts'
import { Phone } from '../../src/phone/phone.ts'
import { settlePost } from '../../src/virtual/enrol-post.ts'
import { DEVICE_PROGRAM } from '../../src/virtual/programs.ts'
import { PtyPair } from '../../src/virtual/pty-pair.ts'
import { startController } from '../../src/virtual/virtual-controller.ts'
import { exportedLedger, relayOpenings } from '../fixtures/ledger.ts'
import { OperatorAtPage } from '../fixtures/operator-at-page.ts'
import { RunningProgram } from '../fixtures/running-program.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const python3 = requirement('python3')
const TIMEOUT_MS = 90_000
const WAIT = { timeout: 30_000, interval: 100 }
const [DOOR] = HALL_DOORS

interface Order {
  readonly id: string
  readonly state: string
  readonly result: { readonly ok: boolean; readonly detail: string } | null
}

/** An enrolled door, its controller, and somebody on duty at the page. */
async function doorOnDuty() {
  const directory = temporaryFolder()
  const { city } = prepareHome({ directory, now: Math.floor(Date.now() / 1000), httpPort: 0, mqttPort: 0 })
  const paths = homePaths(directory)
  const { process: controller, address } = await startController(paths.controllerConfig)
  onTestFinished(() => controller.stop())
  const config = await settlePost(paths, DOOR, {
    mqttUrl: address.mqttUrl,
    enrolUrl: new URL(address.httpUrl).origin,
  })
  const line = await PtyPair.open(paths.device(DOOR.device).scannerLine)
  onTestFinished(() => line.close())
  const device = new RunningProgram(DEVICE_PROGRAM, ['--config', config])
  await device.until(() => device.all('ready').length > 0)
  const duty = await OperatorAtPage.logIn(paths, address.httpUrl, readFileSync(paths.caCertificate), 'duty', 'operator')
  const showGreen = async () => {
    const resident = city.findResident('ordinary', 'green', 0)
    if (resident === null) throw new TypeError('nobody is green')
    const before = device.all('showing').length
    await line.write(utf8(`${new Phone({ city, resident }).show(Math.floor(Date.now() / 1000)).text}\r`))
    await device.until(() => device.all('showing').length > before)
    return device.all('showing').at(-1)
  }
  const order = async (name: string, args: object = {}): Promise<Order> => {
    const path = `api/devices/${DOOR.device}/commands`
    const { id } = await duty.call('POST', path, { name, args, purpose: '测试 as a test' })
    return vi.waitFor(async () => {
      const { commands } = (await duty.call('GET', path)) as { commands: readonly Order[] }
      const found = commands.find(one => one.id === id)
      if (found === undefined || found.result === null) throw new TypeError(`no result yet: ${JSON.stringify(found)}`)
      return found
    }, WAIT)
  }
  const { relay } = paths.device(DOOR.device)
  return { directory, paths, device, duty, order, showGreen, openings: () => relayOpenings(relay) }
}

describe('an order from the page', () => {
  python3.it(
    'opens the door once its clock has two witnesses, closes it to everybody, and leaves a record of each on the box',
    async () => {
      const { directory, device, order, showGreen, openings } = await doorOnDuty()
      await device.until(() => device.all('link').at(-1)?.['state'] === 'up')
      expect(await showGreen()).toMatchObject({ outcome: 'admit' }) // its receipt is the clock's second witness
      const before = openings()
      const opened = await vi.waitFor(async () => {
        const one = await order('open-once', { seconds: 1 })
        if (one.result?.ok !== true) throw new TypeError(JSON.stringify(one))
        return one
      }, WAIT)
      expect(opened.result).toMatchObject({ ok: true, detail: 'done' })
      expect(openings()).toBe(before + 1)

      expect((await order('lockdown')).result).toMatchObject({ ok: true, detail: 'done' })
      expect(await showGreen()).toMatchObject({ outcome: 'deny', reason: 'lockdown' })
      expect((await order('release')).result).toMatchObject({ ok: true, detail: 'done' })
      expect((await order('self-test')).result?.ok).toBe(true)
      expect(openings()).toBe(before + 1)

      const head = device.all('confirmed').length
      await device.until(
        () => device.all('confirmed').length > head || device.all('confirmed').at(-1)?.['backlog'] === 0,
      )
      await vi.waitFor(() => {
        const reasons = exportedLedger(directory)
          .filter(({ type }) => type === 'command')
          .map(({ reason }) => reason)
        expect(reasons).toEqual(expect.arrayContaining(['open-once', 'lockdown', 'release', 'self-test']))
      }, WAIT)
    },
    TIMEOUT_MS,
  )
})
