import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exportPrivateKeyPem, UsageError } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { readConfig, readReceiptKey } from '../src/config.ts'
import { writeControllerHome } from './fixtures/running-controller.ts'
import { SigningDevice } from './fixtures/signing-device.ts'
import { tempFolder } from './fixtures/temp-folder.ts'

const door = new SigningDevice({ seed: Buffer.alloc(32, 1) })

/** A configuration file with some keys replaced; undefined leaves one out. */
function configFile(change: object = {}): string {
  return writeControllerHome(tempFolder(), [door], change)
}

describe('the configuration', () => {
  it('has paths relative to its own folder, and defaults for what is left out', async () => {
    const file = configFile({ mqtt: undefined, http: { port: 9000 } })
    expect(await readConfig(file)).toEqual({
      mqtt: { host: '127.0.0.1', port: 1883, fallback: true },
      http: { host: '127.0.0.1', port: 9000, fallback: true },
      store: { file: join(dirname(file), 'store.sqlite') },
      receiptKeyFile: join(dirname(file), 'receipt.key'),
      devices: [door.listed],
      logLevel: 'info',
    })
  })

  it('yields to flags', async () => {
    const config = await readConfig(configFile(), { httpPort: 1, mqttPort: 2 })
    expect([config.http.port, config.mqtt.port]).toEqual([1, 2])
  })

  it.each([
    ['an unknown key', { colour: 'green' }, 'colour'],
    ['an unknown key inside', { http: { port: 1, tls: true } }, 'http.tls'],
    ['a port out of range', { mqtt: { port: 70_000 } }, 'mqtt.port'],
    ['a missing store', { store: undefined }, 'store'],
    ['a reserved site', { devices: [{ ...door.listed, site: 'trust' }] }, 'devices.0.site'],
    ['an id with a dot', { devices: [{ ...door.listed, device: 'hall.door' }] }, 'devices.0.device'],
    ['a key that is too short', { devices: [{ ...door.listed, publicKey: 'abcd' }] }, '64 hex digits'],
    ['an unknown log level', { logLevel: 'loud' }, 'logLevel'],
  ])('is refused for %s, naming file and place', async (_title, change, place) => {
    const file = configFile(change)
    await expect(readConfig(file)).rejects.toThrow(UsageError)
    await expect(readConfig(file)).rejects.toThrow(place)
    await expect(readConfig(file)).rejects.toThrow(file)
  })

  it('is refused when it is no JSON or not there', async () => {
    const file = configFile()
    writeFileSync(file, '{ "devices": [')
    await expect(readConfig(file)).rejects.toThrow(/expected JSON/)
    await expect(readConfig(join(tempFolder(), 'none.json'))).rejects.toThrow(/cannot read/)
  })
})

describe('the receipt key', () => {
  it('is read from its file', async () => {
    const file = configFile()
    const key = await readReceiptKey(await readConfig(file))
    expect(exportPrivateKeyPem(key)).toBe(readFileSync(join(dirname(file), 'receipt.key'), 'utf8'))
  })

  it('that is missing or of another kind is named with what to do', async () => {
    const config = await readConfig(configFile({ receiptKeyFile: 'other.key' }))
    await expect(readReceiptKey(config)).rejects.toThrow(/cannot read .*other\.key/)
    writeFileSync(config.receiptKeyFile, 'not a key', { mode: 0o600 })
    await expect(readReceiptKey(config)).rejects.toThrow(/other\.key: .*openssl genpkey/)
    chmodSync(config.receiptKeyFile, 0o640)
    await expect(readReceiptKey(config)).rejects.toThrow(/it is 0640; run chmod 600/)
  })
})
