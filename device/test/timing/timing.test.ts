import { describe, expect, it } from 'vitest'
import { ManualTimers } from '../../src/testing/manual-timers.ts'
import { Backoff } from '../../src/timing/backoff.ts'
import { NewestOnly } from '../../src/timing/newest-only.ts'
import { Pulses } from '../../src/timing/pulses.ts'

describe('a backoff', () => {
  it('doubles up to its limit and starts anew after a success', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 500 })
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([
      100, 200, 400, 500, 500,
    ])
    backoff.succeeded()
    expect(backoff.next()).toBe(100)
  })
})

describe('work of which only the newest counts', () => {
  function gated() {
    const done: string[] = []
    const gates: (() => void)[] = []
    const newest = new NewestOnly<string>(async value => {
      await new Promise<void>(resolve => gates.push(resolve))
      if (value === 'bad') throw new RangeError('bad')
      done.push(value)
    })
    const open = async (): Promise<void> => {
      gates.shift()?.()
      await new Promise(resolve => setImmediate(resolve))
    }
    return { newest, done, open, gates }
  }

  it('skips what was overtaken, and the overtaken settle with what overtook them', async () => {
    const { newest, done, open } = gated()
    const settled: string[] = []
    for (const value of ['a', 'b', 'c', 'd']) newest.submit(value).then(() => settled.push(value))
    await open()
    expect({ done, settled }).toEqual({ done: ['a'], settled: ['a'] })
    await open()
    expect(done).toEqual(['a', 'd'])
    expect(settled).toEqual(['a', 'b', 'c', 'd'])
  })

  it('goes on after a failure, which only its own caller hears of', async () => {
    const { newest, done, open } = gated()
    const bad = newest.submit('bad')
    const good = newest.submit('good')
    const failure = expect(bad).rejects.toThrow('bad')
    await open()
    await open()
    await Promise.all([failure, good])
    expect(done).toEqual(['good'])
  })

  it('is settled only when nothing runs or waits', async () => {
    const { newest, done, open } = gated()
    newest.submit('a')
    newest.submit('b')
    let settled = false
    const all = newest.settled().then(() => {
      settled = true
    })
    await open()
    expect(settled).toBe(false)
    await open()
    await all
    expect(done).toEqual(['a', 'b'])
  })

  it('begins at once again when it was idle', async () => {
    const { newest, open, gates, done } = gated()
    newest.submit('a')
    await open()
    newest.submit('b')
    expect(gates).toHaveLength(1)
    await open()
    expect(done).toEqual(['a', 'b'])
  })
})

describe('pulses', () => {
  function pulsed() {
    const timers = new ManualTimers()
    const falls: string[] = []
    const pulses = new Pulses(timers, output => falls.push(`${output}@${timers.nowMs()}`))
    return { timers, falls, pulses }
  }

  it('end by themselves', () => {
    const { timers, falls, pulses } = pulsed()
    pulses.begin('door', 3000)
    timers.advance(2999)
    expect(pulses.isOn('door')).toBe(true)
    timers.advance(1)
    expect(pulses.isOn('door')).toBe(false)
    expect(falls).toEqual(['door@3000'])
  })

  it('are prolonged by a later one, and never shortened', () => {
    const { timers, falls, pulses } = pulsed()
    pulses.begin('door', 3000)
    timers.advance(1000)
    pulses.begin('door', 500)
    timers.advance(1000)
    pulses.begin('door', 3000)
    timers.advance(10_000)
    expect(falls).toEqual(['door@5000'])
  })

  it('of one output leave another alone', () => {
    const { timers, falls, pulses } = pulsed()
    pulses.begin('door', 1000)
    pulses.begin('lamp', 2000)
    timers.advance(2000)
    expect(falls).toEqual(['door@1000', 'lamp@2000'])
  })

  it('can all be ended, once', () => {
    const { timers, falls, pulses } = pulsed()
    pulses.begin('door', 1000)
    pulses.begin('door', 2000)
    pulses.end()
    pulses.end()
    timers.advance(5000)
    expect(falls).toEqual(['door@0'])
    expect(timers.pendingCount).toBe(0)
  })

  it('taken back end at once, unless another holds the output', () => {
    const { timers, falls, pulses } = pulsed()
    const takeBack = pulses.begin('door', 1000)
    pulses.begin('door', 500)
    takeBack()
    takeBack()
    expect(falls).toEqual([])
    timers.advance(500)
    expect(falls).toEqual(['door@500'])
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('without an end are refused (%s ms)', durationMs => {
    const { pulses } = pulsed()
    expect(() => pulses.begin('door', durationMs)).toThrow(expect.objectContaining({ code: 'pulse-unbounded' }))
    expect(pulses.isOn('door')).toBe(false)
  })
})
