import { DEVICE_LOG_LEVELS, desiredSettings, isOrderName, ORDER_KINDS, type OrderName } from '@ankang/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'

function argsOf(name: OrderName, args: unknown): unknown {
  const parsed = v.safeParse(ORDER_KINDS[name].args, args)
  return parsed.success ? parsed.output : 'refused'
}

describe('the kinds of orders', () => {
  it('are known by their names, and by nothing every object has', () => {
    for (const name of Object.keys(ORDER_KINDS)) expect(isOrderName(name)).toBe(true)
    for (const name of ['', 'constructor', '__proto__', 'toString', 'Lockdown', 'open', 'open-once '])
      expect(isOrderName(name), name).toBe(false)
  })

  it('are named in both languages; one of them alone lets somebody in', () => {
    for (const { zh, en } of Object.values(ORDER_KINDS)) {
      expect(zh).toMatch(/^\p{Script=Han}/u)
      expect(en).toMatch(/^[A-Z]/)
    }
    expect(Object.entries(ORDER_KINDS).flatMap(([name, { opens }]) => (opens ? [name] : []))).toEqual(['open-once'])
  })

  it('open a door for one to thirty seconds, three unless said', () => {
    expect(argsOf('open-once', {})).toEqual({ seconds: 3 })
    for (const seconds of [1, 30]) expect(argsOf('open-once', { seconds })).toEqual({ seconds })
    for (const seconds of [0, 31, -1, 1.5, '3', Number.NaN, Number.POSITIVE_INFINITY, null])
      expect(argsOf('open-once', { seconds })).toBe('refused')
  })

  it('set a log level that there is', () => {
    for (const level of DEVICE_LOG_LEVELS) expect(argsOf('set-log-level', { level })).toEqual({ level })
    for (const args of [{}, { level: 'loud' }, { level: 'constructor' }])
      expect(argsOf('set-log-level', args)).toBe('refused')
  })

  it('take no argument that is not theirs', () => {
    for (const name of Object.keys(ORDER_KINDS) as OrderName[]) {
      const good = name === 'set-log-level' ? { level: 'info' } : {}
      expect(argsOf(name, good)).not.toBe('refused')
      expect(argsOf(name, { ...good, other: 1 })).toBe('refused')
      expect(argsOf(name, null)).toBe('refused')
    }
  })
})

describe('the settings of a desired state', () => {
  it('are bounded, each may be left out, and there are no others', () => {
    const isGood = (settings: unknown) => v.is(desiredSettings, settings)
    const good = [
      {},
      { logLevel: 'silent' },
      { healthSeconds: 5, headSeconds: 10 },
      { healthSeconds: 3600, headSeconds: 3600 },
    ]
    const bad = [
      { logLevel: 'loud' },
      { healthSeconds: 4 },
      { healthSeconds: 3601 },
      { headSeconds: 9 },
      { headSeconds: 10.5 },
      { policy: 'admit-all' },
      null,
    ]
    for (const settings of good) expect(isGood(settings), JSON.stringify(settings)).toBe(true)
    for (const settings of bad) expect(isGood(settings), JSON.stringify(settings)).toBe(false)
  })
})
