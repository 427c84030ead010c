import { describe, expect, it } from 'vitest'
import { type DeviceConfig, parseDeviceConfig } from '../src/config.ts'

const LEAST = {
  site: 'depot',
  device: 'bus-1',
  scene: 'bus',
  keyFile: 'device.key',
  trustFile: 'trust.json',
  policyFile: 'policy.json',
  journal: { file: 'journal.sqlite' },
  readers: [{ kind: 'line', name: 'scanner', path: 'scanner' }],
}

const parse = (config: object): DeviceConfig => parseDeviceConfig(JSON.stringify({ ...LEAST, ...config }), 'bus.json')

/** The configuration with these keys for its scanner. */
const scanner = (keys: object) => parse({ readers: [{ ...LEAST.readers[0], ...keys }] }).readers[0]

describe('a device’s configuration', () => {
  it('needs no relay and no vehicle', () => {
    const config = parse({})
    expect([config.relay, config.vehicle]).toEqual([undefined, undefined])
  })

  it('names a vehicle’s line by its path alone', () => {
    expect(parse({ vehicle: { kind: 'line', path: '/dev/obu' } }).vehicle).toEqual({
      kind: 'line',
      name: 'vehicle',
      path: '/dev/obu',
      baudRate: 9600,
    })
  })

  it.each<[string, object, RegExp]>([
    ['a vehicle without a path', { vehicle: { kind: 'line' } }, /bus\.json: vehicle\.path: .*missing/],
    ['a vehicle of no known kind', { vehicle: { kind: 'moon', path: 'x' } }, /vehicle\.kind: expected "line"/],
    [
      'an unknown key of the vehicle',
      { vehicle: { kind: 'line', path: 'x', delimiter: 'cr' } },
      /vehicle\.delimiter: /,
    ],
    ['a relay of no known kind', { relay: { kind: 'hope', file: 'x' } }, /relay\.kind: /],
  ])('is refused with %s', (_, config, message) => {
    expect(() => parse(config)).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) }),
    )
  })

  it('holds no code of a scanner unless it is told to', () => {
    expect(scanner({})).toMatchObject({ holdMs: 0 })
    expect(scanner({ holdMs: 1500 })).toMatchObject({ holdMs: 1500 })
  })

  it.each([-1, 0.5, '1500', null])('is refused with a hold of %j', holdMs => {
    expect(() => scanner({ holdMs })).toThrow(/readers\.0\.holdMs: /)
  })
})
