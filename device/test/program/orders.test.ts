import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  birthPayload,
  commandFormat,
  type DeviceChannel,
  decodePayload,
  deviceTopic,
  exportPrivateKeyPem,
  fromHex,
  resultFormat,
  statePayload,
} from '@ankang/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { loopbackBroker } from '../fixtures/loopback-broker.ts'
import { commandKey, deviceKey, kidOf, policyJson, trustJson } from '../fixtures/test-world.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/ankang-device.mjs')
const ADDRESS = { site: 'hall', device: 'door-1' }
const topic = (channel: DeviceChannel, orderId?: string) => deviceTopic(ADDRESS, channel, orderId)

/** A real box on a real disk behind a real broker; `start` is the next run of its program. */
async function box() {
  const { host, up, arrived, publish } = await loopbackBroker()
  await up()
  const folder = mkdtempSync(join(tmpdir(), 'ankang-orders-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = {
    ...ADDRESS,
    scene: 'hall-door',
    keyFile: 'device.key',
    trustFile: 'trust.json',
    policyFile: 'policy.json',
    journal: { file: 'journal.sqlite' },
    readers: [{ kind: 'line', name: 'scanner', path: 'no-such-scanner' }],
    relay: { kind: 'recorder', file: 'relay.jsonl' },
    controller: { url: `mqtt://${host}` },
    logLevel: 'silent',
  }
  for (const [name, content] of Object.entries({ config, trust: trustJson(), policy: policyJson }))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content))
  writeFileSync(join(folder, 'device.key'), exportPrivateKeyPem(deviceKey), { mode: 0o600 })

  let runs = 0
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [PROGRAM, '--config', join(folder, 'config.json')], { stdio: 'inherit' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await arrived(topic('birth'), ++runs)
    return child
  }
  /** Orders it of the run under way; its answer. */
  const order = async (id: string, name: string) => {
    const birth = (await arrived(topic('birth'), runs)).at(-1)
    const { bootNonce } = decodePayload(birthPayload, birth ?? Buffer.of(), 'birth')
    const now = Math.floor(Date.now() / 1000)
    const command = { device: ADDRESS.device, id, issuedAt: now, expiresAt: now + 60, name, args: {} }
    await publish(
      topic('commands', id),
      commandFormat.encode({ ...command, bootNonce: fromHex(bootNonce) }, commandKey, kidOf(commandKey)),
    )
    const [answer] = await arrived(topic('results', id), 1)
    const decoded = resultFormat.decode(answer ?? Buffer.of())
    return decoded.ok ? decoded.value.content : expect.fail(decoded.detail)
  }
  /** The state it said at the birth of the run under way. */
  const state = async () => {
    const states = await arrived(topic('state'), 1)
    return states.map(bytes => decodePayload(statePayload, bytes, 'state')).findLast(({ state }) => state === 'ready')
  }
  return { start, order, state }
}

it('a box that is ordered to restart answers first, and ends with the code that asks its supervisor for another run', async () => {
  const { start, order } = await box()
  const first = await start()
  const exited = once(first, 'exit')
  expect(await order('restart-1', 'restart')).toMatchObject({ ok: true, detail: 'restarting' })
  expect(await exited).toEqual([75, null])
})

it('a box whose entry was closed is closed after its power was cut, until it is released', async () => {
  const { start, order, state } = await box()
  const first = await start()
  expect(await order('close', 'lockdown')).toMatchObject({ ok: true, detail: 'done' })
  const died = once(first, 'exit')
  first.kill('SIGKILL')
  await died
  await start()
  expect(await order('still', 'lockdown')).toMatchObject({ ok: true, detail: 'unchanged' })
  expect(await state()).toMatchObject({ detail: 'lockdown' })
  expect(await order('open', 'release')).toMatchObject({ ok: true, detail: 'done' })
})
