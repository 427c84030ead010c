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

describe('the controller in a device’s configuration', () => {
  const controller = (keys: object) => parse({ controller: keys }).controller

  it('names its files as they lie beside the configuration', () => {
    expect(controller({ url: 'mqtts://centre.example:8883' })).toEqual({
      url: 'mqtts://centre.example:8883',
      clientCertFile: 'client.crt',
      clientKeyFile: 'client.key',
      caFile: 'ca.crt',
    })
  })

  it.each([
    'mqtt://127.0.0.1:9',
    'mqtt://127.9.9.9',
    'mqtt://[::1]:1883',
    'mqtt://localhost',
    'mqtts://[fe80::1]:8883',
  ])('may be %s', url => {
    expect(controller({ url })).toMatchObject({ url })
  })

  it.each([
    ['mqtt://10.0.0.1:1883', /without TLS only this machine/],
    ['mqtt://127.0.0.1.example:1883', /without TLS only this machine/],
    ['mqtt://localhost.example', /without TLS only this machine/],
    ['http://127.0.0.1', /expected mqtts:\/\/host:port/],
    ['mqtts://user:secret@host:1', /expected mqtts:\/\/host:port/],
    ['mqtts://host:70000', /expected a port/],
    ['mqtts://host:1/topic', /host:port/],
  ])('may not be %s', (url, message) => {
    expect(() => controller({ url })).toThrow(message)
  })

  it('gives certificates over HTTPS alone', () => {
    const url = 'mqtts://centre:8883'
    expect(controller({ url, enrolUrl: 'https://centre:8443' })).toMatchObject({ enrolUrl: 'https://centre:8443' })
    expect(() => controller({ url, enrolUrl: 'http://centre:8443' })).toThrow(/enrolUrl: expected https:/)
  })

  it('keeps its files when only the address is overridden, and checks the new address', () => {
    const json = JSON.stringify({ ...LEAST, controller: { url: 'mqtts://a:1', caFile: 'x.crt' } })
    const override = (controllerUrl: string) => parseDeviceConfig(json, 'bus.json', { controllerUrl }).controller
    expect(override('mqtts://b:2')).toMatchObject({ url: 'mqtts://b:2', caFile: 'x.crt' })
    expect(() => override('mqtt://b:2')).toThrow(/bus\.json: controller\.url: without TLS/)
    expect(parseDeviceConfig(JSON.stringify(LEAST), 'x', { controllerUrl: 'mqtts://b:2' }).controller).toMatchObject({
      url: 'mqtts://b:2',
      caFile: 'ca.crt',
    })
  })
})
