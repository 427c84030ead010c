import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEnrolmentCode, enrolmentPin, toHex } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { deviceCommand } from '../../src/commands/device.ts'
import { withHomeRegistry } from '../../src/commands/home-registry.ts'
import { EnrollingBox } from '../fixtures/enrolling-box.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { deviceLine, enrolIn, runningController, writeControllerHome } from '../fixtures/running-controller.ts'
import { SigningDevice } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

async function run(home: string, ...argv: readonly string[]) {
  const { io, text } = memoryIo(home)
  const code = await deviceCommand.run([...argv, '--home', '.'], io)
  return { code, ...text, json: () => JSON.parse(text.out.trimEnd().split('\n').at(-1) ?? '') }
}

function preparedHome(): string {
  const home = tempFolder()
  writeControllerHome(home)
  return home
}

describe('ankang device', () => {
  it('says what it can do, in Chinese first, with an example', async () => {
    const help = await run(tempFolder(), '--help')
    expect(help.out).toMatch(/^用法 usage: ankang device/)
    expect(help.out).toMatch(/例 examples?:\n {2}ankang device enroll/)
    await expect(run(tempFolder(), 'constructor')).rejects.toMatchObject({ code: 'subcommand-unknown' })
    await expect(run(tempFolder())).rejects.toMatchObject({ code: 'subcommand-unknown' })
  })

  it.each(['list', 'show x', 'revoke x --reason stolen', 'enroll --site hall --device x'])(
    'says where it looked when there is no controller: %s',
    async line => {
      await expect(run(tempFolder(), ...line.split(' '))).rejects.toMatchObject({
        code: 'home-missing',
        message: /--home/,
      })
    },
  )

  it('lists nobody and says how to begin, before the controller was ever started', async () => {
    const home = preparedHome()
    expect((await run(home, 'list')).out).toMatch(/ankang device enroll/)
    expect((await run(home, 'list', '--json')).out).toBe('{"devices":[]}\n')
  })

  it('enroll prints a code that pins the home’s own authority and trust file, its picture and the next step', async () => {
    const home = preparedHome()
    const { out } = await run(home, 'enroll', '--site', 'hall', '--device', 'hall-door-2', '--minutes', '5')
    const typed = out.match(/^ {2}([0-9A-Z]{5}(?:-[0-9A-Z]{5}){10})$/m)?.[1] ?? ''
    const code = decodeEnrolmentCode(typed)
    const ca = new X509Certificate(readFileSync(join(home, 'ca', 'ca.crt')))
    const pin = enrolmentPin(ca.raw, readFileSync(join(home, 'trust', 'trust.json')))
    expect(code.ok && toHex(code.value.pin)).toBe(toHex(pin))
    expect(out).toMatch(/[█▀▄]{5}/)
    expect(out).toContain(`ankang enrol --config config.json --code ${typed}`)
    const json = (await run(home, 'enroll', '--site', 'hall', '--device', 'hall-door-2', '--json')).json()
    expect(json).toMatchObject({ site: 'hall', device: 'hall-door-2' })
    expect(Object.keys(json).sort()).toEqual(['device', 'expiresMs', 'qr', 'site', 'typed'])
  })

  it('enroll takes no live box’s place unless it is told to replace it', async () => {
    const home = preparedHome()
    const flags = ['enroll', '--site', 'hall', '--device', 'hall-door-2', '--json']
    const box = await EnrollingBox.make({ device: 'hall-door-2' })
    const requests = join(home, 'requests.jsonl')
    writeFileSync(requests, JSON.stringify(await box.renewal()))
    await run(home, 'enroll', '--requests', requests)
    await expect(run(home, ...flags)).rejects.toMatchObject({
      code: 'device-enrolled',
      message: expect.stringMatching(/吊销.*--replace/),
    })
    expect((await run(home, ...flags, '--replace')).json()).toMatchObject({ device: 'hall-door-2' })
  })

  it.each([
    [['enroll', '--requests', 'x', '--replace'], 'flag-missing'],
    [['enroll', '--site', 'hall'], 'flag-missing'],
    [['enroll', '--site', 'Hall', '--device', 'x'], 'enrolment-invalid'],
    [['enroll', '--site', 'hall', '--device', 'x', '--minutes', 'many'], 'flag-invalid'],
    [['enroll', '--site', 'hall', '--device', 'x', '--minutes', '20000'], 'enrolment-invalid'],
    [['revoke', 'x'], 'reason-missing'],
    [['revoke', '--reason', 'stolen'], 'flag-missing'],
    [['revoke', 'x', 'y', '--reason', 'stolen'], 'flag-missing'],
    [['revoke', 'nobody', '--reason', 'stolen'], 'device-unknown'],
    [['show', 'nobody'], 'device-unknown'],
    [['show'], 'flag-missing'],
  ])('refuses %j as %s', async (argv, code) => {
    await expect(run(preparedHome(), ...argv)).rejects.toMatchObject({ code, family: 'usage' })
  })

  it('revoke cuts the line of a connected device at once, and is audited with whoever sat here', async () => {
    const door = new SigningDevice().write(3)
    const other = new SigningDevice({ device: 'hall-door-2' })
    const controller = await runningController([door, other])
    const line = await deviceLine(controller, door)
    const bystander = await deviceLine(controller, other)
    await line.ask('records', door.batch(1, 3))
    await line.say('head', door.head(2))
    const gone = new Promise<void>(resolve => line.client.once('close', () => resolve()))
    const { out } = await run(controller.home, 'revoke', door.device, '--reason', '被盗 stolen')
    expect(out).toContain(`past 2 of chain ${toHex(door.epoch)}`)
    await gone
    expect(bystander.client.connected).toBe(true)
    const shown = (await run(controller.home, 'show', '--device', door.device, '--json')).json()
    expect(shown).toMatchObject({ device: door.device, quarantined: 1, revoked: { reason: '被盗 stolen' } })
    expect((await run(controller.home, 'show', door.device)).out).toMatch(/被盗 stolen/)
    const listed = (await run(controller.home, 'list', '--json')).json()
    expect(
      listed.devices.map((one: { device: string; revoked: unknown }) => [one.device, one.revoked !== null]),
    ).toEqual([
      ['hall-door-1', true],
      ['hall-door-2', false],
    ])
    expect((await run(controller.home, 'list')).out).toMatch(/hall-door-1 .*已吊销 revoked/)
    await withHomeRegistry(controller.home, '.', async ({ audit, actor }) => {
      expect(audit.read(null, 1)).toMatchObject([{ actor, action: 'device.revoke', purpose: '被盗 stolen', ok: true }])
      expect(actor).toMatch(/^local:./)
    })
    await expect(run(controller.home, 'revoke', door.device, '--reason', 'again')).rejects.toMatchObject({
      code: 'device-revoked',
    })
  })

  it('list says whose certificate is good and until when', async () => {
    const home = preparedHome()
    const door = new SigningDevice()
    await enrolIn(home, door)
    const [listed] = (await run(home, 'list', '--json')).json().devices
    expect(listed).toMatchObject({ device: door.device, site: 'hall', publicKey: toHex(door.publicKey), revoked: null })
    expect(listed.certificateUntilMs).toBeGreaterThan(Date.now())
    expect((await run(home, 'list')).out).toMatch(/hall-door-1 .*有效 good until \d{4}-/)
  })
})
