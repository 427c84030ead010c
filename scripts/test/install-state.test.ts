import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { installReason, isAtLeast, missingPackages, missingTools } from '../install-state.mjs'

const LOCK = {
  packages: {
    '': { version: '0.1.0' },
    protocol: { version: '0.1.0' },
    'node_modules/@ankang/protocol': { link: true },
    'node_modules/mqtt': { version: '5.16.0' },
    'node_modules/esbuild': { version: '0.28.2' },
    'node_modules/@esbuild/aix-ppc64': { version: '0.28.2', optional: true },
    'controller/node_modules/pino': { version: '9.0.0' },
  },
}
const { '': _, 'node_modules/@esbuild/aix-ppc64': __, ...there } = LOCK.packages
const INSTALLED = { packages: there }
const STATE = { lock: LOCK, installed: INSTALLED, runtime: 'Node ABI 115 on linux x64', installedRuntime: null }

describe('whether to install', () => {
  it('is no when what is locked is what is installed, but for parts of other platforms', () => {
    expect(installReason(STATE)).toBeNull()
  })

  it('is yes when nothing is installed', () => {
    expect(installReason({ ...STATE, installed: null })).toBe('nothing is installed yet')
  })

  it('is yes when the lock asks for a package more, another version, or a link', () => {
    const lockWith = (path: string, locked: object) => ({ packages: { ...LOCK.packages, [path]: locked } })
    const reason = (path: string, locked: object) => installReason({ ...STATE, lock: lockWith(path, locked) })
    expect(reason('node_modules/new', { version: '1.0.0' })).toContain('new')
    expect(reason('node_modules/mqtt', { version: '5.16.1' })).toContain('mqtt')
    expect(reason('node_modules/mqtt', { link: true })).toContain('mqtt')
    expect(reason('controller/node_modules/pino', { version: '9.0.1' })).toContain('pino')
  })

  it('is yes when an optional package is there in another version', () => {
    const installed = { packages: { ...there, 'node_modules/@esbuild/aix-ppc64': { version: '0.1.0' } } }
    expect(missingPackages(LOCK, installed)).toEqual(['@esbuild/aix-ppc64'])
  })

  it('is yes when native parts were built for another Node, and no when that is not known', () => {
    const built = (installedRuntime: string | null) => installReason({ ...STATE, installedRuntime })
    expect(built('Node ABI 137 on linux x64')).toContain('Node ABI 137')
    expect(built('Node ABI 115 on linux x64')).toBeNull()
    expect(built(null)).toBeNull()
  })

  it('is answered from the files npm writes: the installation these tests run on is complete', () => {
    const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
    expect(missingPackages(read('../../package-lock.json'), read('../../node_modules/.package-lock.json'))).toEqual([])
  })
})

describe('the version of Node', () => {
  it('is compared place by place, as numbers', () => {
    expect(isAtLeast('20.19.0', '>=20.19')).toBe(true)
    expect(isAtLeast('20.20.2', '>=20.19')).toBe(true)
    expect(isAtLeast('v24.1.0', '>=20.19')).toBe(true)
    expect(isAtLeast('20.9.0', '>=20.19')).toBe(false)
    expect(isAtLeast('18.20.4', '>=20.19')).toBe(false)
    expect(isAtLeast('20.19.0', '20.19.1')).toBe(false)
  })
})

describe('the tools for compiling', () => {
  it('are asked for by name in Chinese and English, each with its install line', () => {
    expect(missingTools(() => true)).toEqual([])
    const lines = missingTools(() => false)
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(/^缺少 .* · .* is missing: sudo apt-get install /)
  })

  it('may go by any of their names', () => {
    expect(missingTools(command => ['clang++', 'gmake', 'python'].includes(command))).toEqual([])
    expect(missingTools(command => command !== 'make' && command !== 'gmake')).toEqual([
      expect.stringContaining('make is missing'),
    ])
  })
})
