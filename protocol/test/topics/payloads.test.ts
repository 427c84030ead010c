import {
  type AlarmPayload,
  alarmPayload,
  type BirthPayload,
  birthPayload,
  decodePayload,
  encodePayload,
  type HealthPayload,
  healthPayload,
  type ReportedPayload,
  reportedPayload,
  type StatePayload,
  statePayload,
} from '@ankang/protocol'
import { describe, expect, it } from 'vitest'

const STATE: StatePayload = { state: 'ready', timeMs: 1_780_000_000_000, scene: 'hall-door' }
const BIRTH: BirthPayload = {
  bootNonce: 'ab'.repeat(16),
  firmware: '0.1.0',
  hardware: 'x64',
  scene: 'hall-door',
  head: { epoch: '01'.repeat(8), seq: 0, link: '02'.repeat(32) },
  bundleVersions: { trust: 1 },
}
const HEALTH: HealthPayload = {
  timeMs: 1,
  backlog: 0,
  oldestUnsentMs: null,
  clock: 'synced',
  bundleAgeSeconds: null,
  counters: { admitted: 0, denied: 0, referred: 0, readerFaults: 0, actionsFailed: 0 },
  residentBytes: 1,
}
const REPORTED: ReportedPayload = {
  version: 2,
  appliedMs: 1_780_000_000_000,
  config: { logLevel: 'info', healthSeconds: 30 },
  error: { version: 3, detail: 'config-invalid' },
}
const ALARM: AlarmPayload = { timeMs: 1, kind: 'storage', detail: 'disk is full' }

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const refused = (names: string) =>
  expect.objectContaining({ code: 'payload-invalid', message: expect.stringContaining(names) })

describe('the payloads of topics', () => {
  it('are read as they were written', () => {
    expect(decodePayload(statePayload, encodePayload(STATE), 't')).toEqual(STATE)
    expect(decodePayload(birthPayload, encodePayload(BIRTH), 't')).toEqual(BIRTH)
    expect(decodePayload(healthPayload, encodePayload(HEALTH), 't')).toEqual(HEALTH)
    expect(decodePayload(alarmPayload, encodePayload(ALARM), 't')).toEqual(ALARM)
    expect(decodePayload(reportedPayload, encodePayload(REPORTED), 't')).toEqual(REPORTED)
    const lockedDown = { ...HEALTH, lockdown: true }
    expect(decodePayload(healthPayload, encodePayload(lockedDown), 't')).toEqual(lockedDown)
  })

  it('are taken from a will, which knows no time', () => {
    expect(decodePayload(statePayload, json({ state: 'lost' }), 't')).toEqual({ state: 'lost' })
  })

  it('are taken with fields a newer device adds, and those are dropped', () => {
    expect(decodePayload(statePayload, json({ ...STATE, colour: 'pink' }), 't')).toEqual(STATE)
  })

  it('are refused with the topic and the wrong place named', () => {
    const topic = 'ankang/v1/hall/door-1/birth'
    expect(() => decodePayload(birthPayload, json({ ...BIRTH, bootNonce: 'AB' }), topic)).toThrow(refused('bootNonce'))
    expect(() => decodePayload(birthPayload, json({ ...BIRTH, bootNonce: 'AB' }), topic)).toThrow(refused(topic))
    const head = { ...BIRTH.head, seq: -1 }
    expect(() => decodePayload(birthPayload, json({ ...BIRTH, head }), topic)).toThrow(refused('head.seq'))
    expect(() => decodePayload(statePayload, json({ state: 'asleep' }), topic)).toThrow(refused('state'))
    expect(() => decodePayload(healthPayload, json({ ...HEALTH, backlog: 0.5 }), topic)).toThrow(refused('backlog'))
    const nested = { ...REPORTED, config: { policy: { scene: 'x' } } }
    expect(() => decodePayload(reportedPayload, json(nested), 'x/reported')).toThrow(refused('config.policy'))
    const wordy = { ...REPORTED, error: { version: null, detail: 'x'.repeat(401) } }
    expect(() => decodePayload(reportedPayload, json(wordy), 'x/reported')).toThrow(refused('error.detail'))
    expect(() => decodePayload(alarmPayload, json({ ...ALARM, kind: 'boredom' }), topic)).toThrow(refused('kind'))
  })

  it('are refused when they are no JSON', () => {
    expect(() => decodePayload(statePayload, Buffer.from('{'), 'x/state')).toThrow(refused('x/state: expected JSON'))
    expect(() => decodePayload(statePayload, new Uint8Array(0), 'x/state')).toThrow(refused('expected JSON'))
  })
})
