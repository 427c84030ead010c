import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openCentre } from '../../bus-days/centre.ts'
import { randomDay } from '../../bus-days/random-day.ts'
import { compare, runBusDays } from '../../bus-days/run.ts'
import { seededRandom } from '../../fuzz/seeded-random.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ankang-bus-days-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A centre that has all records of a day with at least one transfer. */
async function settledDay() {
  const random = seededRandom(3, 0)
  const { buses } = await randomDay(0, random)
  const centre = await openCentre(temporaryFolder(), buses)
  onTestFinished(() => centre.close())
  for (const bus of buses) await centre.upload(bus, 1, bus.journal.head().seq)
  const statement = (await centre.settle()) ?? expect.fail('the settlement stopped')
  return { centre, statement }
}

describe('random bus days', () => {
  it('are settled to the fen as their exported records add up, before and after late uploads', async () => {
    const figures = await runBusDays({
      seed: 20_261_124,
      days: 200,
      folder: temporaryFolder(),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    })
    expect(figures.days).toBe(200)
    // Of everything that can go wrong something has to be in it.
    for (const name of ['rides', 'refused', 'reboots', 'lateBatches', 'transfers'] as const)
      expect(figures[name], name).toBeGreaterThan(100)
    expect(figures.netFen).toBeLessThan(figures.chargedFen)
  }, 120_000)

  it('would not pass a settlement that is one fen off', async () => {
    const { centre, statement } = await settledDay()
    const exported = () => centre.exported()
    await expect(compare({ settle: async () => statement, exported }, 'day')).resolves.toBeDefined()
    const [first, ...others] = statement.operatorDays
    if (first === undefined) expect.fail('nothing was settled')
    const wrong = [
      { ...statement, operatorDays: [{ ...first, netFen: first.netFen + 1 }, ...others] },
      { ...statement, operatorDays: [{ ...first, rides: first.rides - 1 }, ...others] },
      { ...statement, operatorDays: others },
      { ...statement, totals: { ...statement.totals, transferFen: statement.totals.transferFen + 1 } },
    ]
    for (const one of wrong)
      await expect(compare({ settle: async () => one, exported }, 'day')).rejects.toMatchObject({
        code: 'bus-days-differ',
      })
  })

  it('would not pass a record that is missing from the settlement', async () => {
    const { centre, statement } = await settledDay()
    const lines = centre.exported()
    // Field 11, key 5: only rides name an operator.
    const operator = Buffer.from(statement.operatorDays[0]?.operator ?? '').toString('hex')
    const ride = lines.findIndex(line => line.includes(operator))
    const exported = () => lines.filter((_, at) => at !== ride)
    await expect(compare({ settle: async () => statement, exported }, 'day')).rejects.toThrow('expected')
  })
})
