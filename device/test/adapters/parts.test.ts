import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requirement } from '../../../scripts/testing/requirements.ts'
import { makeReader, makeRelay, makeVehicle } from '../../src/adapters/parts.ts'
import { TestClock } from '../../src/testing/test-clock.ts'
import { makePlug } from '../fixtures/plug.ts'
import { ReaderLog } from '../fixtures/reader-log.ts'
import { RIDE_LENGTHS, rideCode, rideLength } from '../fixtures/ride-code.ts'

const python = requirement('python3')

function around(folder = '/nowhere') {
  return {
    folder,
    at: (path: string) => join(folder, path),
    clock: new TestClock(1_700_000_000_000),
    declaredLength: rideLength,
  }
}

describe('the parts of a configuration', () => {
  python.it('give a scanner what the code families say of lengths, and its hold', async () => {
    const plug = await makePlug(python.value)
    const config = { kind: 'line', name: 'scanner', path: '', baudRate: 115_200, maxBytes: 4096 } as const
    const reader = makeReader({ ...config, delimiter: 'lf', holdMs: 1500 }, { ...around(), at: () => plug.path })
    const log = new ReaderLog()
    onTestFinished(() => reader.stop())
    await reader.start(log)
    const code = rideCode(RIDE_LENGTHS.shortest, () => 0x0a)
    await plug.send(Uint8Array.of(...code, 0x0a, ...code, 0x0a, 0x41, 0x0a))
    await log.readingCount(2)
    expect(log.readings.map(({ bytes }) => bytes)).toEqual([code, Uint8Array.of(0x41)])
  })

  it('have no vehicle where none is configured', () => {
    expect(makeVehicle(undefined, around())).toBeNull()
  })

  it('have a vehicle whose line starts from the configuration’s folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ankang-parts-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const vehicle = makeVehicle({ kind: 'line', name: 'bus', path: 'obu', baudRate: 9600 }, around(folder))
    const states: unknown[] = []
    onTestFinished(async () => vehicle?.stop())
    await vehicle?.start({ onState: state => states.push(state), onNews: () => undefined })
    expect(vehicle?.name).toBe('bus')
    expect(states).toMatchObject([{ state: 'fault', detail: expect.stringContaining(join(folder, 'obu')) }])
  })

  it('have a relay that says what is missing where none is configured, and is off all the same', async () => {
    const relay = makeRelay(undefined, around())
    await expect(relay.pulse('door', 3000)).rejects.toMatchObject({
      family: 'environment',
      code: 'relay-missing',
      retryable: false,
      message: expect.stringMatching(/door.*configure `relay`/),
    })
    await expect(relay.allOff()).resolves.toBeUndefined()
  })
})
