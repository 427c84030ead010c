import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepDayKeys } from '../../src/home/day-keys.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

/** Noon of 29 May 2026 in China. */
const NOON = 1_780_027_200
const DAY_SECONDS = 86_400

function keyFile(): string {
  return join(temporaryFolder(), 'day-keys.secret')
}

describe('the keys of the buses’ days', () => {
  it('are one each for today and the thirteen days that follow, over the end of a month', () => {
    const keys = keepDayKeys(keyFile(), NOON)
    expect(keys.map(({ day }) => day)).toEqual([
      20_260_529, 20_260_530, 20_260_531, 20_260_601, 20_260_602, 20_260_603, 20_260_604, 20_260_605, 20_260_606,
      20_260_607, 20_260_608, 20_260_609, 20_260_610, 20_260_611,
    ])
    expect(new Set(keys.map(({ key }) => key)).size).toBe(14)
  })

  it('stay what they are while their day is not over', () => {
    const file = keyFile()
    const first = keepDayKeys(file, NOON)
    expect(keepDayKeys(file, NOON)).toEqual(first)
    expect(keepDayKeys(file, NOON + DAY_SECONDS).slice(0, 13)).toEqual(first.slice(1))
  })

  it('last into the small hours, as the day of a bus does', () => {
    const file = keyFile()
    const [today] = keepDayKeys(file, NOON)
    expect(keepDayKeys(file, NOON + 14 * 3600)[0]).toEqual(today)
    expect(keepDayKeys(file, NOON + 15 * 3600)[0]).not.toEqual(today)
  })

  it('are gone from the disk when their day is', () => {
    const file = keyFile()
    const [today] = keepDayKeys(file, NOON)
    keepDayKeys(file, NOON + DAY_SECONDS)
    expect(readFileSync(file, 'utf8')).not.toContain(today?.key)
  })

  it('are nobody’s to read but their owner’s', () => {
    const file = keyFile()
    keepDayKeys(file, NOON)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  })

  it('that are broken say which file', () => {
    const file = keyFile()
    writeFileSync(file, '[{"day": 20260529, "key": "short"}]')
    expect(() => keepDayKeys(file, NOON)).toThrowError(/day-keys\.secret/)
  })
})
