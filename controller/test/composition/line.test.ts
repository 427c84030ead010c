import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, EXIT } from '@ankang/protocol'
import { expect, it } from 'vitest'
import { deviceCommand } from '../../src/commands/device.ts'
import { operatorCommand } from '../../src/commands/operator.ts'
import type { DeviceView } from '../../src/fleet/views.ts'
import { Browser } from '../api/fixtures/browser.ts'
import { eventsOf } from '../api/fixtures/events-of.ts'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { runningController } from '../fixtures/running-controller.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'

/** What a command prints as JSON, run beside a running controller. */
async function printed(command: Command, home: string, ...argv: readonly string[]) {
  const { io, text } = memoryIo(home)
  expect(await command.run([...argv, '--home', home, '--json'], io)).toBe(EXIT.done)
  return JSON.parse(text.out)
}

it('whoever watches hears at once of a device that was revoked or enrolled, though it has no line', async () => {
  const { home, httpUrl, deskUrl } = await runningController([new SigningDevice()])
  const { token } = await printed(operatorCommand, home, 'token', 'watcher')
  const ca = readFileSync(join(home, 'ca', 'ca.crt'), 'utf8')
  const { next } = await eventsOf(new Browser(httpUrl, ca), { authorization: `Bearer ${token}` })
  const device = async () => (await next('device')) as DeviceView
  await printed(deviceCommand, home, 'revoke', 'hall-door-1', '--reason', '被盗 stolen')
  expect(await device()).toMatchObject({ device: 'hall-door-1', revoked: true, connected: false })
  const box = await EnrollingBox.make({ device: 'hall-door-2' })
  const { typed } = await printed(deviceCommand, home, 'enroll', '--site', 'hall', '--device', 'hall-door-2')
  const { status } = await new Browser(deskUrl, ca).post('/enrolment', await box.request(typed))
  expect(status).toBe(200)
  expect(await device()).toMatchObject({ device: 'hall-door-2', revoked: false, state: 'unknown' })
})
