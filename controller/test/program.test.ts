import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deviceLine, writeControllerHome } from './fixtures/running-controller.ts'
import { SigningDevice } from './fixtures/signing-device.ts'
import { tempFolder } from './fixtures/temp-folder.ts'

const PROGRAM = fileURLToPath(new URL('../bin/ankang-controller.mjs', import.meta.url))

/** Starts the built program; killed with the test if it still runs. */
function started(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function finished(args: readonly string[]) {
  const child = started(args)
  const text = { out: '', err: '' }
  child.stdout?.on('data', part => {
    text.out += part
  })
  child.stderr?.on('data', part => {
    text.err += part
  })
  const [code] = await once(child, 'close')
  return { code, ...text }
}

/** Somebody who has come and says nothing; resolves once they are in, to the end of their line. */
async function silentVisitor(httpUrl: string, home: string): Promise<{ readonly gone: Promise<unknown> }> {
  const { hostname, port } = new URL(httpUrl)
  const socket = connect({ host: hostname, port: Number(port), ca: readFileSync(join(home, 'ca', 'ca.crt')) })
  socket.on('error', () => undefined) // followed by its close
  await once(socket, 'secureConnect')
  return { gone: once(socket, 'close') }
}

/** The first log line with that event. */
async function logged(child: ChildProcess, event: string): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new RangeError('expected a program with a readable output')
  for await (const line of createInterface(child.stdout)) {
    const entry: Record<string, unknown> = JSON.parse(line)
    if (entry['event'] === event) return entry
  }
  throw new RangeError(`the program ended without saying ${event}`)
}

describe('ankang-controller', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says where it listens, and stops cleanly on %s with pages and devices connected',
    async signal => {
      const door = new SigningDevice().write(2)
      const home = tempFolder()
      const child = started(['--config', writeControllerHome(home)])
      const { httpUrl, deskUrl, mqttUrl } = await logged(child, 'ready')
      expect(`${deskUrl}/`).toBe(httpUrl)
      const visitor = await silentVisitor(String(httpUrl), home)
      const line = await deviceLine({ mqttUrl: String(mqttUrl), home }, door)
      expect(await line.ask('records', door.batch(1, 2))).toMatchObject({ storedThrough: 2 })
      const closed = once(child, 'close')
      child.kill(signal)
      expect(await closed).toEqual([0, null])
      await visitor.gone
    },
  )

  it('holds what it has given a receipt for, also when it is killed', async () => {
    const door = new SigningDevice().write(30)
    const home = tempFolder()
    const config = writeControllerHome(home)
    const mqttUrlOf = async (child: ChildProcess) => String((await logged(child, 'ready'))['mqttUrl'])
    const first = started(['--config', config])
    const before = await deviceLine({ mqttUrl: await mqttUrlOf(first), home }, door)
    const receipt = await before.ask('records', door.batch(1, 20))
    first.kill('SIGKILL')
    await once(first, 'close')

    const after = await deviceLine({ mqttUrl: await mqttUrlOf(started(['--config', config])), home }, door)
    const again = await after.ask('birth', door.birth())
    expect(again).toMatchObject({
      storedThrough: 20,
      linkThere: door.link(20),
      storeGeneration: receipt.storeGeneration,
    })
    expect(await after.ask('records', door.batch(15, 30))).toMatchObject({ storedThrough: 30 })
  })

  it('checks a configuration without starting', async () => {
    const config = writeControllerHome(tempFolder())
    expect(await finished(['--config', config, '--check-config'])).toEqual({
      code: 0,
      out: `${config}: 配置无误 configuration is good\n`,
      err: '',
    })
  })

  it.each([
    ['no configuration', [], 'expected --config FILE'],
    ['an unknown flag', ['--frobnicate'], 'see --help'],
    ['a port that is none', ['--config', 'x', '--http-port', 'eighty'], 'expected a port'],
    ['a configuration that is not there', ['--config', '/nowhere.json'], 'cannot read /nowhere.json'],
  ])('leaves with 2 and says what to do: %s', async (_title, args, message) => {
    const { code, err, out } = await finished(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
  })

  it('leaves with 2 and names the place in a broken configuration', async () => {
    const config = writeControllerHome(tempFolder())
    writeFileSync(config, '{"receiptKeyFile": "k", "store": {"file": "s"}, "stroe": 1}')
    const { code, err } = await finished(['--config', config])
    expect(code).toBe(2)
    expect(err).toContain(`${config}: stroe`)
  })

  it('leaves with 1 when the store cannot be opened', async () => {
    const { code, err } = await finished([
      '--config',
      writeControllerHome(tempFolder(), { store: { file: 'no/such/folder.sqlite' } }),
    ])
    expect(code).toBe(1)
    expect(err).toContain('cannot open the store')
  })

  it('shows its help', async () => {
    const { code, out } = await finished(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('Example:')
  })
})
