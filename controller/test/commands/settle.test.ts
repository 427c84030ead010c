import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '@ankang/protocol'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { deviceCommand } from '../../src/commands/device.ts'
import { commands } from '../../src/commands/index.ts'
import { settleCommand } from '../../src/commands/settle.ts'
import type { BusStatement } from '../../src/scenes/bus-statement.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { DAY, rideBody, tagOf } from '../fixtures/bus-rides.ts'
import { memoryIo } from '../fixtures/memory-io.ts'
import { deviceLine, runningController } from '../fixtures/running-controller.ts'
import { SigningDevice, START_MS, showingBody } from '../fixtures/signing-device.ts'
import { tempFolder } from '../fixtures/temp-folder.ts'

const MINUTE_MS = 60_000
const line = (name: string, stop = 1) => ({ line: name, run: `${name}-01`, direction: 'up', stop }) as const
const at = (minute: number) => ({ timeMs: START_MS + minute * MINUTE_MS })
/** Half price, and a transfer takes all of it. */
const student = { fareClass: 'student', chargedFen: 100 } as const

/** Two buses of one operator and one of another; a hall door stands beside them. Everything but bus-201's last two is sent. */
async function filledController() {
  const bus1 = new SigningDevice({ site: 'depot', device: 'bus-101', seed: Buffer.alloc(32, 1) })
    .write(1, () => rideBody({ tag: tagOf('a'), position: line('8') }, at(0)))
    .write(1, () => rideBody({ tag: tagOf('b'), position: line('8'), ...student }, at(1)))
    .write(1, () => rideBody({ tag: tagOf('a'), position: line('8'), byDriverKey: true }, at(2)))
    .write(1, () => rideBody({}, { outcome: 'deny', reason: 'ride-repeated', ...at(3) }))
    .write(1, () => rideBody({ tag: tagOf('c'), position: null }, at(4)))
  const bus2 = new SigningDevice({ site: 'depot', device: 'bus-102', seed: Buffer.alloc(32, 2) })
    .write(1, () => rideBody({ tag: tagOf('b'), position: line('28'), ...student }, at(20)))
    .write(1, () => rideBody({ tag: tagOf('d'), position: line('28'), day: DAY + 1 }, at(24 * 60)))
  const other = new SigningDevice({ site: 'depot', device: 'bus-201', seed: Buffer.alloc(32, 3) })
    .write(1, () => rideBody({ tag: tagOf('a'), position: line('K1'), operator: 'meishan-bus' }, at(15)))
    .write(2, () => rideBody({ tag: tagOf('e'), position: line('8') }, at(30)))
  const door = new SigningDevice({ device: 'hall-door-1', seed: Buffer.alloc(32, 4) }).write(3)
  const controller = await runningController([bus1, bus2, other, door])
  const lines = {
    bus1: await deviceLine(controller, bus1),
    bus2: await deviceLine(controller, bus2),
    other: await deviceLine(controller, other),
    door: await deviceLine(controller, door),
  }
  await lines.bus1.ask('records', bus1.batch(1, 5))
  await lines.bus2.ask('records', bus2.batch(1, 2))
  await lines.other.ask('records', other.batch(1, 1))
  await lines.door.ask('records', door.batch(1, 3))
  return { controller, bus1, bus2, other, door, lines }
}

async function settle(home: string, ...flags: readonly string[]) {
  const { io, text } = memoryIo(home)
  expect(await settleCommand.run(['--home', '.', ...flags], io)).toBe(0)
  return text
}

async function settleJson(home: string, ...flags: readonly string[]): Promise<BusStatement> {
  return JSON.parse((await settle(home, '--json', ...flags)).out)
}

const fen = (rides: number, fullFareFen: number, chargedFen: number, transfers = 0, transferFen = 0) => ({
  rides,
  fullFareFen,
  concessionFen: fullFareFen - chargedFen,
  chargedFen,
  transfers,
  transferFen,
  netFen: chargedFen - transferFen,
})

function tablesOf(db: Database.Database): string[] {
  return db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .pluck()
    .all() as string[]
}

/** The store as the first controller would have left it. */
function setBackToFirstSchema(file: string): void {
  const first = new Database(':memory:')
  first.exec(MIGRATIONS[0] ?? '')
  const known = new Set(tablesOf(first))
  first.close()
  const db = new Database(file)
  db.pragma('foreign_keys = OFF')
  for (const table of tablesOf(db)) if (!known.has(table)) db.exec(`DROP TABLE ${table}`)
  db.exec("DELETE FROM meta WHERE key = 'daybook-scenes'; PRAGMA user_version = 1")
  db.close()
}

describe('ankang settle', () => {
  it('sums up rides by operator and day, by line and by fare class, while the controller runs', async () => {
    const { controller } = await filledController()
    const { operatorDays, totals } = await settleJson(controller.home)
    expect(operatorDays).toEqual([
      {
        day: DAY,
        operator: 'jinzhai-bus',
        ...fen(5, 1000, 800, 1, 100),
        byLine: [
          { line: '8', ...fen(3, 600, 500) },
          { line: '28', ...fen(1, 200, 100, 1, 100) },
          { line: null, ...fen(1, 200, 200) },
        ],
        byFareClass: [
          { fareClass: 'ordinary', ...fen(3, 600, 600) },
          { fareClass: 'student', ...fen(2, 400, 200, 1, 100) },
        ],
      },
      {
        day: DAY,
        operator: 'meishan-bus',
        ...fen(1, 200, 200, 1, 100),
        byLine: [{ line: 'K1', ...fen(1, 200, 200, 1, 100) }],
        byFareClass: [{ fareClass: 'ordinary', ...fen(1, 200, 200, 1, 100) }],
      },
      {
        day: DAY + 1,
        operator: 'jinzhai-bus',
        ...fen(1, 200, 200),
        byLine: [{ line: '28', ...fen(1, 200, 200) }],
        byFareClass: [{ fareClass: 'ordinary', ...fen(1, 200, 200) }],
      },
    ])
    expect(totals).toEqual(fen(7, 1400, 1200, 2, 200))
  })

  it('gives one day and one operator alone, with transfers from the others’ buses', async () => {
    const { controller } = await filledController()
    const one = await settleJson(controller.home, '--day', String(DAY), '--operator', 'meishan-bus')
    expect(one).toMatchObject({ day: DAY, operator: 'meishan-bus', totals: fen(1, 200, 200, 1, 100) })
    expect(one.operatorDays).toHaveLength(1)
    expect(one.completeness.ridesRead).toBe(6)
    expect((await settleJson(controller.home, '--day', '20260404')).operatorDays).toEqual([])
  })

  it('says how much of each bus is stored and what is known to be missing', async () => {
    const { controller, bus1, bus2, other } = await filledController()
    const hex = (device: SigningDevice) => Buffer.from(device.epoch).toString('hex')
    const { asOfMs, completeness } = await settleJson(controller.home)
    expect(asOfMs).toEqual(expect.any(Number))
    expect(completeness).toEqual({
      ridesRead: 7,
      clockUnvouched: 0,
      quarantined: 0,
      unsettled: { count: 0, places: [] },
      devices: [
        {
          device: 'bus-101',
          newest: { epoch: hex(bus1), seq: 5, hourMs: START_MS },
          missing: 0,
          forks: 0,
          quarantined: 0,
        },
        {
          device: 'bus-102',
          newest: { epoch: hex(bus2), seq: 2, hourMs: START_MS + 24 * 60 * MINUTE_MS },
          missing: 0,
          forks: 0,
          quarantined: 0,
        },
        {
          device: 'bus-201',
          newest: { epoch: hex(other), seq: 1, hourMs: START_MS },
          missing: 2,
          forks: 0,
          quarantined: 0,
        },
      ],
    })
  })

  it('leaves out what a bus has sent past its last head, once it is revoked beside the running controller', async () => {
    const { controller, bus2, lines } = await filledController()
    const before = await settleJson(controller.home)
    await lines.bus2.say('head', bus2.head(1))
    await lines.bus2.ask('records', bus2.batch(1, 2)) // the head is taken when this is answered
    const revocation = ['revoke', 'bus-102', '--reason', '被盗 stolen', '--home', controller.home]
    expect(await deviceCommand.run(revocation, memoryIo(controller.home).io)).toBe(0)
    const after = await settleJson(controller.home)
    expect([after.totals.rides, after.completeness.quarantined]).toEqual([before.totals.rides - 1, 1])
    expect((await settle(controller.home, '--csv')).err).toContain('quarantined, left out 1')
  })

  it('gives new sums and another as-of when late records have come', async () => {
    const { controller, other, lines } = await filledController()
    const before = await settleJson(controller.home)
    expect(await settleJson(controller.home)).toEqual(before)
    await lines.other.ask('records', other.batch(2, 3))
    const after = await settleJson(controller.home)
    expect(after.totals).toEqual(fen(9, 1800, 1600, 2, 200))
    expect(after.asOfMs).toBeGreaterThanOrEqual(before.asOfMs ?? Number.POSITIVE_INFINITY)
    expect(after.completeness.devices.map(({ missing }) => missing)).toEqual([0, 0, 0])
  })

  it('names what it could not settle, and settles the rest', async () => {
    const { controller, bus1, lines, door } = await filledController()
    const before = await settleJson(controller.home)
    const { sceneMap: _none, ...mapless } = showingBody(8, rideBody())
    bus1
      .write(1, () => rideBody({ chargedFen: 300 }))
      .writeBytes(Buffer.from('no record'))
      .write(1, () => mapless)
    await lines.bus1.ask('records', bus1.batch(6, 8))
    await lines.door.ask('records', door.writeBytes(Buffer.from('no record')).batch(4, 4))
    const after = await settleJson(controller.home)
    const place = (seq: number, why: string) => ({
      device: 'bus-101',
      epoch: Buffer.from(bus1.epoch).toString('hex'),
      seq,
      why: expect.stringContaining(why),
    })
    expect(after.totals).toEqual(before.totals)
    expect(after.completeness.unsettled).toEqual({
      count: 3,
      places: [place(6, 'charged more than the full fare'), place(8, 'no scene map'), place(7, 'input')],
    })
    const { out } = await settle(controller.home)
    expect(out).toMatch(/could not be settled: 3\n.*bus-101 [0-9a-f]{16} #6: charged more than the full fare\n/)
  })

  it('says of how many rides the clock was not vouched for', async () => {
    const { controller, bus1, lines } = await filledController()
    bus1.write(2, () => rideBody({ tag: tagOf('f') }, { timeTrust: 'unknown' }))
    await lines.bus1.ask('records', bus1.batch(6, 7))
    expect((await settleJson(controller.home)).completeness).toMatchObject({ ridesRead: 9, clockUnvouched: 2 })
  })

  it('writes yuan with two decimals for people', async () => {
    const { controller } = await filledController()
    const { out } = await settle(controller.home)
    expect(out).toMatch(/2026-03-01 · jinzhai-bus\n/)
    expect(out).toMatch(/合计 all +5 +10\.00 +2\.00 +8\.00 +1 +1\.00 +7\.00\n/)
    expect(out).toMatch(/28路 line 28 +1 +2\.00 +1\.00 +1\.00 +1 +1\.00 +0\.00\n/)
    expect(out).toMatch(/总计 total +7 +14\.00 +2\.00 +12\.00 +2 +2\.00 +10\.00\n/)
    expect(out).toMatch(/bus-201 +#1 +2026-03-01 08:00 +2 +0 +0\n/)
  })

  it('writes fen as CSV, each grouping adding up to the same, and warns beside it', async () => {
    const { controller } = await filledController()
    const { out, err } = await settle(controller.home, '--csv')
    const [head, ...rows] = out.trimEnd().split('\r\n')
    expect(head).toBe(
      'asOf,day,operator,by,key,rides,fullFareFen,concessionFen,chargedFen,transfers,transferFen,netFen',
    )
    const net = (by: string) =>
      rows.map(row => row.split(',')).reduce((sum, cells) => sum + (cells[3] === by ? Number(cells.at(-1)) : 0), 0)
    expect([net('all'), net('line'), net('fareClass')]).toEqual([1000, 1000, 1000])
    expect(err).toContain('records missing 2')
  })

  it('tells counts and amounts, and nothing of a person or of a single ride', async () => {
    const { controller, bus1 } = await filledController()
    for (const format of ['--json', '--csv'] as const) {
      const { out } = await settle(controller.home, format)
      for (const person of ['a', 'b', 'c', 'd']) expect(out).not.toContain(Buffer.from(tagOf(person)).toString('hex'))
      for (let minute = 1; minute < 30; minute++) expect(out).not.toContain(String(START_MS + minute * MINUTE_MS))
      expect(out).not.toMatch(/\b8-01\b(?!T)/)
    }
    expect(bus1.newestSeq).toBe(5)
  })

  it('puts a whole statement into a file, or none', async () => {
    const { controller } = await filledController()
    const { out } = await settle(controller.home, '--json', '--out', 'march.json')
    expect(out).toBe('')
    const statement = JSON.parse(readFileSync(join(controller.home, 'march.json'), 'utf8'))
    expect(statement.totals.netFen).toBe(1000)
    const { io, text } = memoryIo(controller.home, AbortSignal.abort())
    expect(await settleCommand.run(['--home', '.', '--out', 'stopped.json'], io)).toBe(1)
    expect(text.err).toContain('stopped')
    expect(() => readFileSync(join(controller.home, 'stopped.json'))).toThrow(/ENOENT/)
  })

  it('settles an empty store to nothing', async () => {
    const controller = await runningController([])
    const statement = await settleJson(controller.home)
    expect(statement).toMatchObject({ asOfMs: null, operatorDays: [], totals: fen(0, 0, 0) })
    expect((await settle(controller.home)).out).toContain('没有乘车记录 no rides')
  })

  it('says what to do about a store that an older controller wrote, and settles it once that is done', async () => {
    const { controller, bus1, bus2, other, door } = await filledController()
    const before = await settleJson(controller.home)
    await controller.close()
    setBackToFirstSchema(join(controller.home, 'controller', 'store.sqlite'))
    const run = settleCommand.run(['--home', '.'], memoryIo(controller.home).io)
    await expect(run).rejects.toThrow(/start the controller of this version once/)
    await runningController([bus1, bus2, other, door], { home: controller.home })
    expect(await settleJson(controller.home)).toEqual(before)
  })

  it.each([
    [['--day', '2026-03-01'], /YYYYMMDD/],
    [['--day', '20260230'], /YYYYMMDD/],
    [['--json', '--csv'], /got both/],
    [['--dya', '20260301'], /--dya/],
  ] as const)('refuses %j and says what it takes', async (flags, message) => {
    await expect(settleCommand.run([...flags], memoryIo(tempFolder()).io)).rejects.toThrow(message)
  })

  it('says where it looked when there is no store', async () => {
    const run = settleCommand.run(['--home', '.'], memoryIo(tempFolder()).io)
    await expect(run).rejects.toThrow(UsageError)
    await expect(run).rejects.toThrow(/store\.sqlite/)
  })

  it('is one of the controller’s commands, with an example in its help', async () => {
    expect(commands.map(({ name }) => name)).toContain('settle')
    const { io, text } = memoryIo('/')
    expect(await settleCommand.run(['--help'], io)).toBe(0)
    expect(text.out).toContain('例 example:')
  })
})
