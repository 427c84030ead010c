import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deviceTopic } from '@ankang/protocol'
import { describe, expect, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { loopbackBroker } from '../fixtures/loopback-broker.ts'
import { openPty } from '../fixtures/pty.ts'
import { serveCentre, testCentre } from '../fixtures/test-centre.ts'
import { phoneCode, policyJson } from '../fixtures/test-world.ts'

const python = requirement('python3')
const PROGRAM = join(import.meta.dirname, '../../bin/ankang-device.mjs')
/** Whole programs, on a machine that has other things to do. */
const TIME_MS = 120_000
const ADDRESS = { site: 'hall', device: 'door-1' }

type Event = Readonly<Record<string, unknown>>

/** A box out of its carton: a scanner on a real line, a policy, and a centre that it has never heard of. */
async function boxFromTheCarton() {
  const centre = await testCentre()
  const { url, requests } = await serveCentre(centre)
  const server = await centre.authority.server(['127.0.0.1'])
  const broker = await loopbackBroker({
    cert: server.certificate,
    key: server.key,
    ca: [centre.authority.ca],
    requestCert: true,
    rejectUnauthorized: true,
  })
  await broker.up()
  const scanner = await openPty(python.value)
  const folder = mkdtempSync(join(tmpdir(), 'ankang-carton-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const config = {
    ...ADDRESS,
    scene: 'hall-door',
    keyFile: 'device.key',
    trustFile: 'trust.json',
    policyFile: 'policy.json',
    journal: { file: 'journal.sqlite' },
    readers: [{ kind: 'line', name: 'scanner', path: scanner.path }],
    relay: { kind: 'recorder', file: 'relay.jsonl' },
    controller: { url: `mqtts://${broker.host}`, enrolUrl: url },
  }
  writeFileSync(at('config.json'), JSON.stringify(config))
  writeFileSync(at('policy.json'), JSON.stringify(policyJson))
  return { centre, requests, broker, scanner, at }
}

/** Runs the program; `until` resolves with the first line of its log, not asked for before, that says `event`. */
function run(configFile: string) {
  const child = spawn(process.execPath, [PROGRAM, '--config', configFile], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const events: Event[] = []
  let [rest, seen] = ['', 0]
  let wake = (): void => undefined
  child.stdout.on('data', chunk => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    events.push(...lines.map(line => JSON.parse(line) as Event))
    wake()
  })
  const until = async (event: string): Promise<Event> => {
    for (;;) {
      const found = events.findIndex((line, place) => place >= seen && line['event'] === event)
      seen = found < 0 ? events.length : found + 1
      const line = events[found]
      if (line !== undefined) return line
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const stop = async () => {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    return (await exited)[0]
  }
  return { until, stop, events }
}

function movements(file: string): readonly unknown[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map(line => JSON.parse(line)).filter(({ on }) => on === true)
}

describe('ankang-device, not enrolled yet', () => {
  python.it(
    'lets nobody in, takes its code from its own scanner, and goes to work without a restart',
    async () => {
      const { centre, requests, broker, scanner, at } = await boxFromTheCarton()
      const { until, stop, events } = run(at('config.json'))
      await until('waiting-for-enrolment')
      const health = phoneCode({ shownAt: Math.floor(Date.now() / 1000) })
      await scanner.send(`${health}\r`)
      await scanner.send('AKE1:0000\r')
      expect(await until('enrolment-refused')).toMatchObject({ refusal: 'code-mistyped' })
      expect(requests).toEqual([])
      expect([existsSync(at('journal.sqlite')), movements(at('relay.jsonl'))]).toEqual([false, []])

      const { qr } = centre.newCode()
      await scanner.send(`${qr}\r`)
      await until('enrolled')
      await until('ready')
      await broker.arrived(deviceTopic(ADDRESS, 'birth'), 1)
      expect(broker.shown).toHaveLength(1)
      expect(requests.map(({ line }) => line)).toEqual(['GET /enrolment/anchors', 'POST /enrolment'])

      await scanner.send(`${qr}\r`)
      expect(await until('showing')).toMatchObject({ outcome: 'deny', reason: 'unrecognised' })
      expect(events.filter(({ event }) => event === 'showing')).toHaveLength(1)
      expect(movements(at('relay.jsonl'))).toEqual([])
      expect(await stop()).toBe(0)
      expect(readFileSync(at('client.crt'), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE/)
    },
    TIME_MS,
  )

  python.it(
    'comes up enrolled at its next start, and renews a certificate that is in its last third',
    async () => {
      const { centre, requests, broker, scanner, at } = await boxFromTheCarton()
      centre.days = 0.00001 // over before it is used: only the renewal can bring the line up
      const first = run(at('config.json'))
      await first.until('waiting-for-enrolment')
      await scanner.send(`${centre.newCode().qr}\r`)
      await first.until('enrolled')
      await first.until('ready')
      expect(await first.stop()).toBe(0)
      centre.days = 90
      const second = run(at('config.json'))
      await second.until('certificate-renewed')
      await broker.arrived(deviceTopic(ADDRESS, 'birth'), 1)
      expect(requests.at(-1)?.line).toBe('POST /enrolment/renewal')
      expect(second.events.map(({ event }) => event)).not.toContain('waiting-for-enrolment')
      expect(await second.stop()).toBe(0)
    },
    180_000,
  )

  python.it(
    'stops when it is asked to while it waits, and calls its configuration good',
    async () => {
      const { at } = await boxFromTheCarton()
      const { until, stop } = run(at('config.json'))
      await until('waiting-for-enrolment')
      expect(await stop()).toBe(0)
      const check = spawn(process.execPath, [PROGRAM, '--config', at('config.json'), '--check-config'])
      let said = ''
      check.stdout.on('data', chunk => {
        said += chunk
      })
      expect((await once(check, 'close'))[0]).toBe(0)
      expect(said).toMatch(/配置无误.*waits for its enrolment code/)
    },
    TIME_MS,
  )
})
