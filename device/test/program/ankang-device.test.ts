import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportPrivateKeyPem } from '@ankang/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BUS_POLICY } from '../../../protocol/test/scenes/bus-world.ts'
import { deviceKey, policyJson, trustJson } from '../fixtures/test-world.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/ankang-device.mjs')

const CONFIG = {
  site: 'hall',
  device: 'door-1',
  scene: 'hall-door',
  keyFile: 'device.key',
  trustFile: 'trust.json',
  policyFile: 'policy.json',
  journal: { file: 'journal.sqlite' },
  readers: [{ kind: 'line', name: 'scanner', path: 'no-such-scanner' }],
  relay: { kind: 'recorder', file: 'relay.jsonl' },
}

interface Box {
  readonly config?: unknown
  readonly trust?: unknown
  readonly policy?: unknown
  readonly keyMode?: number
  readonly policyMode?: number
}

function box({
  config = CONFIG,
  trust = trustJson(),
  policy = policyJson,
  keyMode = 0o600,
  policyMode = 0o600,
}: Box = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-device-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const text = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content))
  writeFileSync(join(folder, 'config.json'), text(config))
  writeFileSync(join(folder, 'trust.json'), text(trust))
  writeFileSync(join(folder, 'policy.json'), text(policy))
  chmodSync(join(folder, 'policy.json'), policyMode)
  writeFileSync(join(folder, 'device.key'), exportPrivateKeyPem(deviceKey))
  chmodSync(join(folder, 'device.key'), keyMode)
  return join(folder, 'config.json')
}

function check(config: string, ...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, '--config', config, '--check-config', ...flags],
    { encoding: 'utf8', timeout: 20_000 },
  )
  return { status, stdout, stderr }
}

/** What makes a box the validator of a bus. */
const BUS_BOX = {
  config: { ...CONFIG, scene: 'bus', vehicle: { kind: 'line', path: 'no-such-vehicle' }, relay: undefined },
  policy: BUS_POLICY,
  trust: {
    ...trustJson(),
    countyKeys: [{ id: 'county', publicKey: '01'.repeat(32) }],
    clearingKeys: [{ id: 'clearing', publicKey: '02'.repeat(32) }],
  },
}

describe('ankang-device', () => {
  it('calls a good configuration good', () => {
    expect(check(box())).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/configuration is good/),
      stderr: '',
    })
  })

  it('calls a good bus good, and one with policies for others to read when they hold no keys', () => {
    expect(check(box(BUS_BOX))).toMatchObject({ status: 0, stderr: '' })
    expect(check(box({ policyMode: 0o644 }))).toMatchObject({ status: 0, stderr: '' })
  })

  it.each<[string, Box, RegExp]>([
    ['a bus without a vehicle', { ...BUS_BOX, config: { ...BUS_BOX.config, vehicle: undefined } }, /vehicle: expected/],
    ['a hall door without a relay', { config: { ...CONFIG, relay: undefined } }, /relay: expected/],
    ['a bus whose rides nobody could clear', { ...BUS_BOX, trust: trustJson() }, /clearingKeys/],
    [
      'a bus whose day keys others can read',
      { ...BUS_BOX, policyMode: 0o640 },
      /policy\.json: expected to be readable by its owner alone \(0600\), it is 0640/,
    ],
    ['an unknown key', { config: { ...CONFIG, speling: 1 } }, /config\.json: speling: /],
    ['an unknown key deep inside', { config: { ...CONFIG, journal: { file: 'j', keepDay: 3 } } }, /journal\.keepDay: /],
    [
      'a reader of no known kind',
      { config: { ...CONFIG, readers: [{ kind: 'eye', name: 'x' }] } },
      /readers\.0\.kind: .*"line"/,
    ],
    ['no reader', { config: { ...CONFIG, readers: [] } }, /expected at least one reader/],
    ['an id that cannot be a topic', { config: { ...CONFIG, device: 'Door 1' } }, /device: expected a-z, 0-9 and -/],
    [
      'a scene it does not know',
      { config: { ...CONFIG, scene: 'moon' }, policy: { ...policyJson, scene: 'moon' } },
      /expected one of bus, hall-door, got "moon"/,
    ],
    [
      'a policy of another scene',
      { policy: { ...policyJson, scene: 'bus' } },
      /expected a policy for hall-door, it is for bus/,
    ],
    ['no JSON', { config: '{' }, /config\.json: expected JSON/],
    ['a broken trust file', { trust: { version: 1, issuers: [{ id: 'x' }] } }, /trust\.json: issuers\.0\.alg/],
    [
      'a key file that others can read',
      { keyMode: 0o644 },
      /device\.key: expected to be readable by its owner alone \(0600\), it is 0644; run chmod 600/,
    ],
  ])('refuses %s with exit code 2 and the place', (_, parts, message) => {
    const { status, stdout, stderr } = check(box(parts))
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it('refuses to start without a configuration, and shows its help', () => {
    const none = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8' })
    const help = spawnSync(process.execPath, [PROGRAM, '--help'], { encoding: 'utf8' })
    expect(none).toMatchObject({ status: 2, stderr: expect.stringMatching(/--config FILE is missing/) })
    expect(help).toMatchObject({ status: 0, stdout: expect.stringMatching(/例 example: ankang-device --config/) })
  })

  it('lets flags win over the environment, and the environment over the file', () => {
    const config = box()
    const run = (env: string | undefined, ...flags: readonly string[]) =>
      spawnSync(process.execPath, [PROGRAM, '--config', config, '--check-config', ...flags], {
        encoding: 'utf8',
        env: { ...process.env, ...(env === undefined ? {} : { ANKANG_LOG_LEVEL: env }) },
      })
    expect(run('loud').stderr).toMatch(/expected debug, info, warn, error, silent, got loud/)
    expect(run('loud', '--log-level', 'warn').status).toBe(0)
  })

  it('starts with its scanner missing, says so, and stops cleanly when asked', async () => {
    const child = spawn(process.execPath, [PROGRAM, '--config', box()], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const closed = once(child, 'close')
    const events: Record<string, unknown>[] = []
    let rest = ''
    for await (const chunk of child.stdout) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      events.push(...lines.map(line => JSON.parse(line)))
      if (events.some(({ event }) => event === 'ready') && !child.killed) child.kill('SIGTERM')
    }
    expect(events.map(({ event }) => event)).toEqual(['reader', 'ready', 'stopped'])
    expect(events[0]).toMatchObject({
      reader: 'scanner',
      state: 'fault',
      detail: expect.stringMatching(/no-such-scanner/),
    })
    expect(await closed).toEqual([0, null])
  })
})
