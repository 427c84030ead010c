import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exportPrivateKeyPem, UsageError } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { readConfig, readSigningKey } from '../src/config.ts'
import { writeControllerHome } from './fixtures/running-controller.ts'
import { tempFolder } from './fixtures/temp-folder.ts'

/** A configuration file with some keys replaced; undefined leaves one out. */
function configFile(change: object = {}): string {
  return writeControllerHome(tempFolder(), change)
}

describe('the configuration', () => {
  it('has paths relative to its own folder, and defaults for what is left out', async () => {
    const file = configFile({ mqtt: undefined, http: { port: 9000 } })
    const folder = dirname(file)
    expect(await readConfig(file)).toEqual({
      mqtt: { host: '127.0.0.1', port: 8883, fallback: true },
      http: { host: '127.0.0.1', port: 9000, fallback: true },
      store: { file: join(folder, 'store.sqlite') },
      caFolder: join(folder, '..', 'ca'),
      trustFile: join(folder, '..', 'trust', 'trust.json'),
      receiptKeyFile: join(folder, 'receipt.key'),
      commandKeyFile: join(folder, 'command.key'),
      desiredKeyFile: join(folder, 'desired.key'),
      serverNames: ['localhost', '127.0.0.1', '::1'],
      people: { secondFactor: 'all' },
      logLevel: 'info',
    })
  })

  it('yields to flags', async () => {
    const config = await readConfig(configFile(), { httpPort: 1, mqttPort: 2 })
    expect([config.http.port, config.mqtt.port]).toEqual([1, 2])
  })

  it('takes a certificate of somebody else for the page, with its key', async () => {
    const file = configFile({ http: { certificateFile: 'page.crt', keyFile: '../page.key' } })
    const { http } = await readConfig(file)
    expect(http.deskPort).toBe(8444)
    expect([http.certificateFile, http.keyFile]).toEqual([
      join(dirname(file), 'page.crt'),
      join(dirname(file), '..', 'page.key'),
    ])
  })

  it('has no door for boxes alone but where one is asked for, on the port that is asked for', async () => {
    expect((await readConfig(configFile())).http.deskPort).toBeUndefined()
    const deskPort = 9444
    expect((await readConfig(configFile({ http: { deskPort } }))).http.deskPort).toBe(deskPort)
    const given = { certificateFile: 'page.crt', keyFile: 'page.key' }
    expect((await readConfig(configFile({ http: { ...given, deskPort } }))).http.deskPort).toBe(deskPort)
  })

  it.each([
    ['an unknown key', { colour: 'green' }, 'colour'],
    ['an unknown key inside', { http: { port: 1, tls: true } }, 'http.tls'],
    ['a port that is no number', { http: { deskPort: 'next' } }, 'http.deskPort'],
    ['a port out of range', { mqtt: { port: 70_000 } }, 'mqtt.port'],
    ['a missing store', { store: undefined }, 'store'],
    ['devices, which are enrolled now', { devices: [] }, 'devices'],
    [
      'a certificate without its key',
      { http: { certificateFile: 'page.crt' } },
      'certificateFile and keyFile together',
    ],
    ['a second factor for somebody unheard of', { people: { secondFactor: 'none' } }, 'people.secondFactor'],
    ['an unknown log level', { logLevel: 'loud' }, 'logLevel'],
  ])('is refused for %s, naming file and place', async (_title, change, place) => {
    const file = configFile(change)
    await expect(readConfig(file)).rejects.toThrow(UsageError)
    await expect(readConfig(file)).rejects.toThrow(place)
    await expect(readConfig(file)).rejects.toThrow(file)
  })

  it('is refused when it is no JSON or not there', async () => {
    const file = configFile()
    writeFileSync(file, '{ "store": [')
    await expect(readConfig(file)).rejects.toThrow(/expected JSON/)
    await expect(readConfig(join(tempFolder(), 'none.json'))).rejects.toThrow(/cannot read/)
  })
})

describe('a signing key of the centre', () => {
  it('is read from its file', async () => {
    const { receiptKeyFile } = await readConfig(configFile())
    const key = await readSigningKey(receiptKeyFile)
    expect(exportPrivateKeyPem(key)).toBe(readFileSync(receiptKeyFile, 'utf8'))
  })

  it('that is missing, of another kind or open to others is named with what to do', async () => {
    const { receiptKeyFile: file } = await readConfig(configFile({ receiptKeyFile: 'other.key' }))
    await expect(readSigningKey(file)).rejects.toThrow(/cannot read .*other\.key/)
    writeFileSync(file, 'not a key', { mode: 0o600 })
    await expect(readSigningKey(file)).rejects.toThrow(/other\.key: .*openssl genpkey/)
    chmodSync(file, 0o640)
    await expect(readSigningKey(file)).rejects.toThrow(/it is 0640; run chmod 600/)
  })
})
