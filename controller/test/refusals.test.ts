import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Refusals, refuse } from '../src/refusals.ts'
import { RecordedLog } from './fixtures/recorded-log.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('counts every refusal, and logs reason, place and count', () => {
  const log = new RecordedLog()
  const refusals = new Refusals(log)
  refusals.note('ankang/v1/hall/door/state', refuse('malformed', 'no JSON'))
  refusals.noteAt({ remote: '192.0.2.1', client: null }, refuse('token-bad', 'no such token'))
  expect(refusals.counts()).toEqual({ malformed: 1, 'token-bad': 1 })
  expect(log.lines.map(({ fields }) => fields)).toEqual([
    { event: 'refused', topic: 'ankang/v1/hall/door/state', reason: 'malformed', detail: 'no JSON', count: 1 },
    { event: 'refused', remote: '192.0.2.1', client: null, reason: 'token-bad', detail: 'no such token', count: 1 },
  ])
})

it('writes a flood of one reason as a few lines and a sum, and keeps the lines of others', () => {
  const log = new RecordedLog()
  const refusals = new Refusals(log, { linesPerWindow: 3, windowMs: 1000 })
  for (let round = 0; round < 5000; round++) refusals.note('a', refuse('malformed', 'no JSON'))
  refusals.note('a', refuse('wrong-key', 'another key'))
  expect(log.lines.map(({ fields }) => fields['reason'])).toEqual(['malformed', 'malformed', 'malformed', 'wrong-key'])
  vi.advanceTimersByTime(1000)
  expect(log.lines.slice(4).map(({ fields }) => fields)).toEqual([
    { event: 'refused', reason: 'malformed', more: 4997, count: 5000 },
  ])
  refusals.note('a', refuse('malformed', 'no JSON'))
  expect(log.lines.at(-1)?.fields).toMatchObject({ reason: 'malformed', count: 5001 })
  expect(refusals.counts()).toEqual({ malformed: 5001, 'wrong-key': 1 })
})

it('cuts what a stranger chose to a length a log can bear', () => {
  const log = new RecordedLog()
  new Refusals(log).note('x'.repeat(60_000), refuse('unknown-topic', 'not a topic of a device'))
  expect(String(log.lines[0]?.fields['topic'])).toHaveLength(200)
})
