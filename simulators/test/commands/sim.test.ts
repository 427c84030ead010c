import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import type { Resident } from '../../src/city/resident.ts'
import { sim } from '../../src/commands/sim.ts'
import { openCity } from '../../src/home/city-home.ts'
import { homePaths } from '../../src/home/home-paths.ts'
import type { OnceReport } from '../../src/scenarios/once-run.ts'
import type { PostReport } from '../../src/scenarios/post-report.ts'
import { readCentre } from '../../src/virtual/centre-access.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { testIo } from '../fixtures/test-io.ts'

const python3 = requirement('python3')
const RUN_TIMEOUT_MS = 120_000
const ANY_PORT = ['--http-port', '0', '--mqtt-port', '0']

async function once40(home: string) {
  const io = testIo(home)
  const code = await sim.run(['start', '--once', '--json', '--showings', '40', '--home', home, ...ANY_PORT], io)
  const report: OnceReport = JSON.parse(io.printed.out.trimEnd().split('\n').at(-1) ?? '')
  return { code, report, complaints: io.printed.err.split('\n').filter(line => line.includes('not as it has to be')) }
}

interface RunningProgram {
  readonly processId: number
  readonly commandLine: string
}

/** Programs whose command line names this home. */
function programsOf(home: string): RunningProgram[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ processId: Number(name), commandLine: commandLineOf(name) }))
    .filter(({ commandLine }) => commandLine.includes(home))
}

function commandLineOf(processId: string): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '' // ended while we looked
  }
}

/** Text of every file of a home but the city platform's own folder. */
function everythingIn(home: string): string {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

async function occupyPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : expect.fail('no port')
}

describe('ankang sim start --once', () => {
  python3.it(
    'shows codes at both doors and on both buses, and every showing ends up stored once, as it has to',
    async () => {
      const home = temporaryFolder()
      const { code, report, complaints } = await once40(home)
      expect(complaints).toEqual([])
      expect(code).toBe(0)
      expect(report).toMatchObject({ shown: 40, recordsWritten: 40, recordsStored: 40, duplicates: 0, gaps: 0 })
      expect(report.admitted + report.denied + report.referred).toBe(40)
      expect(report.devices.map(({ device, reader, shown }) => [device, reader, shown])).toEqual([
        ['hall-door-1', 'scanner', 9],
        ['hall-door-2', 'camera', 9],
        ['bus-1', 'scanner', 11],
        ['bus-2', 'camera', 11],
      ])
      const sum = (count: (device: PostReport) => number) =>
        report.devices.reduce((total, one) => total + count(one), 0)
      expect(sum(({ openings }) => openings) + report.rides).toBe(report.admitted)
      expect(sum(({ voices }) => voices)).toBe(40)
      expect(sum(({ chargedFen }) => chargedFen)).toBe(report.chargedFen)
      expect(report.rides).toBeGreaterThan(10)
      expect(report.chargedFen).toBeGreaterThan(1000)
      for (const { p50, p99 } of Object.values(report.stages)) expect(p99).toBeGreaterThanOrEqual(p50)
      expect(programsOf(home)).toEqual([])
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'counts its own showings only when the home has seen earlier ones, and writes nobody’s name or number anywhere',
    async () => {
      const home = temporaryFolder()
      await once40(home)
      const { code, report, complaints } = await once40(home)
      expect(complaints).toEqual([])
      expect(code).toBe(0)
      expect(report).toMatchObject({ shown: 40, recordsStored: 40, duplicates: 0, gaps: 0 })
      const everything = everythingIn(home)
      const city = openCity(home)
      const people = Array.from({ length: city.population }, (_, index) => city.resident(index))
      const chinese = new Set(everything.match(/[\u4e00-\u9fff*]{2,}/g) ?? [])
      const words = [...chinese].join(' ')
      // A surname and a star are four bytes, which sealed bytes may spell by chance; seven they do not.
      const spelled = ({ name, maskedName }: Resident) =>
        words.includes(name) || (maskedName.length > 2 && words.includes(maskedName))
      expect(people.filter(spelled)).toEqual([])
      expect(people.filter(({ idNumber }) => everything.includes(idNumber))).toEqual([])
      expect(everything).toContain('"on":true')
    },
    RUN_TIMEOUT_MS,
  )
})

describe('ankang sim start', () => {
  python3.it(
    'keeps showing until Ctrl-C, then stops everything and ends well, on other ports when its own are taken',
    async () => {
      const home = temporaryFolder()
      const [httpPort, mqttPort] = await Promise.all([occupyPort(), occupyPort()])
      const io = testIo(home)
      const running = sim.run(
        ['start', '--home', home, '--http-port', String(httpPort), '--mqtt-port', String(mqttPort)],
        io,
      )
      const relay = homePaths(home).device('hall-door-1').relay
      await expect.poll(() => io.printed.out, { timeout: 30_000 }).toContain('Ctrl-C')
      await expect.poll(() => readFileSync(relay, 'utf8'), { timeout: 30_000, interval: 200 }).toContain('"on":true')
      const [, address = ''] = /page\s+(https:\S+)/.exec(io.printed.out) ?? []
      expect(new URL(address).port).not.toBe(String(httpPort))
      const access = { httpUrl: address, ca: readFileSync(homePaths(home).caCertificate, 'utf8'), token: 'none' }
      expect(await readCentre(access, 'healthz', v.object({ ok: v.boolean() }))).toEqual({ ok: true })
      io.interrupt()
      expect(await running).toBe(0)
      expect(programsOf(home)).toEqual([])
    },
    RUN_TIMEOUT_MS,
  )

  python3.it(
    'ends with what a door said last when its program dies, and leaves nothing running',
    async () => {
      const home = temporaryFolder()
      const io = testIo(home)
      const running = sim.run(['start', '--home', home, ...ANY_PORT], io)
      const ended = expect(running).rejects.toMatchObject({
        code: 'program-ended',
        message: expect.stringMatching(/^hall-door-1: .*SIGKILL.*"event":"ready"/s),
      })
      await expect.poll(() => io.printed.out, { timeout: 30_000 }).toContain('Ctrl-C')
      const door = programsOf(home).find(({ commandLine }) => commandLine.includes('devices/hall-door-1/config.json'))
      process.kill(door?.processId ?? expect.fail('no such program'), 'SIGKILL')
      await ended
      expect(programsOf(home)).toEqual([])
    },
    RUN_TIMEOUT_MS,
  )

  it.each([
    [['stop'], /ankang sim start/],
    [['start', '--http-port', '70000'], /--http-port: expected a whole number/],
    [['start', '--json'], /belong to --once/],
    [['start', '--once', '--showings', '0'], /--showings/],
  ])('refuses %j', async (argv, message) => {
    const home = temporaryFolder()
    await expect(sim.run([...argv, '--home', home], testIo(home))).rejects.toThrow(message)
  })
})
