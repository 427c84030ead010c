import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogue, compileTrust, parsePolicy, parseTrustFile } from '@ankang/protocol'
import { describe, expect, it } from 'vitest'
import { writeDeviceConfig } from '../../src/home/device-config.ts'
import { prepareHome } from '../../src/home/prepare-home.ts'
import { HALL_DOORS, VIRTUAL_POSTS } from '../../src/home/virtual-posts.ts'
import { RIDE_ISSUERS } from '../../src/ride/ride-issuers.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { NOW } from '../fixtures/test-city.ts'

const options = { now: NOW, httpPort: 8080, mqttPort: 1883 }

function allFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

function isSecret(file: string): boolean {
  return /\.(key|secret)$/.test(file)
}

function contents(folder: string, wanted: (file: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    allFiles(folder)
      .filter(wanted)
      .map(file => [file, readFileSync(file, 'utf8')]),
  )
}

describe('a home', () => {
  it('holds a trust file and policies that devices accept', () => {
    const { paths, rides } = prepareHome({ directory: temporaryFolder(), ...options })
    const trust = compileTrust(parseTrustFile(JSON.parse(readFileSync(paths.trust, 'utf8'))))
    expect(trust.countyKey).not.toBeNull()
    expect(trust.clearingKey).not.toBeNull()
    expect(trust.rideRoot(1)).not.toBeNull()
    expect(rides.lostRiders()).not.toEqual([])
    for (const { issuer, cardAccount } of rides.lostRiders())
      expect(trust.isDenied('jtt1179', RIDE_ISSUERS[issuer].id, cardAccount)).toBe(true)
    expect(trust.statusList(1, '341523')?.asOf).toBe(NOW)
    for (const { scene } of VIRTUAL_POSTS)
      expect(parsePolicy(JSON.parse(readFileSync(paths.policy(scene), 'utf8')), catalogue).scene).toBe(scene)
  })

  it('keeps every key and secret to its owner', () => {
    const directory = temporaryFolder()
    const { paths } = prepareHome({ directory, ...options })
    const secrets = allFiles(directory).filter(isSecret)
    expect(secrets).toHaveLength(17)
    for (const file of [...secrets, paths.policy('bus')]) expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
  })

  it('keeps its keys when prepared again, and reads the status lists anew', () => {
    const directory = temporaryFolder()
    const { paths } = prepareHome({ directory, ...options })
    const before = contents(directory, isSecret)
    prepareHome({ directory, ...options, now: NOW + 3600 })
    expect(contents(directory, isSecret)).toEqual(before)
    const trust = parseTrustFile(JSON.parse(readFileSync(paths.trust, 'utf8')))
    expect(trust.statusLists.map(({ asOf }) => asOf)).toEqual([NOW + 3600, NOW + 3600])
  })

  it('leaves journals and stores of earlier runs alone', () => {
    const directory = temporaryFolder()
    const { paths } = prepareHome({ directory, ...options })
    const journal = join(paths.device('hall-door-1').folder, 'journal.sqlite')
    const store = join(paths.controller, 'store.sqlite')
    mkdirSync(paths.device('hall-door-1').folder, { recursive: true })
    for (const file of [journal, store]) writeFileSync(file, 'of an earlier run')
    prepareHome({ directory, ...options })
    for (const file of [journal, store]) expect(readFileSync(file, 'utf8')).toBe('of an earlier run')
  })

  it('forgets the ports of an earlier run', () => {
    const directory = temporaryFolder()
    const { paths } = prepareHome({ directory, ...options })
    const [door] = HALL_DOORS
    writeDeviceConfig(paths, door, { mqttUrl: 'mqtts://127.0.0.1:1' })
    prepareHome({ directory, ...options, httpPort: 9001, mqttPort: 9002 })
    const controller = JSON.parse(readFileSync(paths.controllerConfig, 'utf8'))
    expect([controller.http.port, controller.mqtt.port]).toEqual([9001, 9002])
    const config = JSON.parse(readFileSync(writeDeviceConfig(paths, door, { mqttUrl: 'mqtts://127.0.0.1:2' }), 'utf8'))
    expect(config.controller.url).toBe('mqtts://127.0.0.1:2')
  })

  it('names nobody: not one resident’s name or ID number is in any of its files', () => {
    const directory = temporaryFolder()
    const { city } = prepareHome({ directory, ...options })
    const everything = Object.values(contents(directory, () => true)).join('\n')
    const residents = Array.from({ length: city.population }, (_, index) => city.resident(index))
    expect(everything.length).toBeGreaterThan(1000)
    expect(
      residents.filter(({ idNumber, name }) => everything.includes(idNumber) || everything.includes(name)),
    ).toEqual([])
  })

  it('that cannot be written says where and what to do', () => {
    const directory = join(temporaryFolder(), 'home')
    mkdirSync(directory)
    writeFileSync(join(directory, 'trust'), 'a file where a folder has to be')
    expect(() => prepareHome({ directory, ...options })).toThrowError(/cannot write .*trust.*--home/)
  })

  it('with a broken secret says which file and what to do', () => {
    const directory = temporaryFolder()
    const { paths } = prepareHome({ directory, ...options })
    writeFileSync(paths.countyKey, 'abc')
    expect(() => prepareHome({ directory, ...options })).toThrowError(/county\.key: expected 32 bytes as hex; remove/)
  })
})
