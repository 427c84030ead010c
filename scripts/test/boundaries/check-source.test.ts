import { describe, expect, it } from 'vitest'
import { checkSource } from '../../boundaries/check-source.ts'
import { scanSource } from '../../boundaries/source-scan.ts'

const faults = (path: string, ...lines: readonly string[]) => checkSource(path, lines.join('\n'))

/** A file, one line in it, and what the fault must say; null where the line is allowed. */
const CASES: readonly (readonly [path: string, line: string, fault: string | null])[] = [
  ['protocol/src/reason.ts', `import * as v from 'valibot'`, null],
  ['protocol/src/reason.ts', `import nacl from 'tweetnacl'`, null],
  ['protocol/src/crypto.ts', `import { verify } from 'node:crypto'`, null],
  ['protocol/src/reason.ts', `import { verify } from 'node:crypto'`, `'node:crypto' may not be imported by protocol`],
  ['protocol/src/record/batch.ts', `import { inflateRawSync } from 'node:zlib'`, null],
  ['protocol/src/record/body.ts', `import { inflateRawSync } from 'node:zlib'`, `'node:zlib'`],
  ['protocol/src/policy.ts', `import { readFileSync } from 'node:fs'`, `'node:fs'`],
  ['protocol/src/policy.ts', `import pino from 'pino'`, `'pino' is not among the packages protocol may use`],
  ['protocol/src/policy.ts', `import { Device } from '@ankang/device'`, `may not be imported by protocol`],
  ['device/src/device.ts', `import { verify } from '@ankang/protocol'`, null],
  ['device/src/device.ts', `import { x } from '@ankang/controller/commands'`, `may not be imported by device`],
  ['device/src/device.ts', `import { x } from '@ankang/simulators'`, `may not be imported by device`],
  ['device/src/device.ts', `import fastify from 'fastify'`, `'fastify' is not among the packages device may use`],
  ['device/src/adapters/mqtt/mqtt-link.ts', `import { Aedes } from 'aedes'`, `'aedes'`],
  ['device/src/adapters/sqlite/x.ts', `const pg = await import('pg')`, `'pg'`],
  ['device/src/adapters/mqtt/mqtt-link.ts', `import mqtt from 'mqtt'`, null],
  ['device/src/uplink/uplink.ts', `import mqtt from 'mqtt'`, `'mqtt' belongs in src/adapters/mqtt/`],
  ['device/src/adapters/sharp/x.ts', `import type Database from 'better-sqlite3'`, `belongs in src/adapters/sqlite/`],
  ['device/src/adapters/zxing/x.ts', `import { readBarcodes } from 'zxing-wasm/reader'`, null],
  ['device/src/pipeline/line.ts', `import { appendFileSync } from 'node:fs'`, `is I/O in a pure folder`],
  ['device/src/adapters/recorder/x.ts', `import { appendFileSync } from 'node:fs'`, null],
  [
    'device/src/scenes/hall-door.ts',
    `export { x } from '../../../controller/src/main.ts'`,
    `reaches out of its package`,
  ],
  ['device/src/scenes/hall-door.ts', `export { x } from '../device.ts'`, null],
  [
    'controller/src/ingest/ingest.ts',
    `import { x } from '@ankang/device/testing'`,
    `may not be imported by controller`,
  ],
  ['controller/src/ingest/ingest.ts', `import Database from 'better-sqlite3'`, `belongs in src/store/`],
  ['controller/src/ingest/ingest.ts', `import { x } from '@ankang/simulators'`, `may not be imported by controller`],
  ['simulators/src/city/x.ts', `import { x } from '@ankang/device/parts'`, null],
  ['simulators/src/city/x.ts', `import { x } from '@ankang/controller/commands'`, `may not be imported by simulators`],
  ['device/src/device.ts', `const level = process.env['LEVEL']`, `reads process.env`],
  ['device/src/device.ts', `const level = process['argv'][2]`, `reads process.env or process.argv`],
  ['device/src/main.ts', `const level = process.env['LEVEL']`, null],
  ['device/test/device.test.ts', `import mqtt from 'mqtt'; process.env['X'] = '1'`, null],
]

describe('the boundary check', () => {
  for (const [path, line, fault] of CASES) {
    it(`${fault === null ? 'allows' : 'refuses'} in ${path}: ${line}`, () => {
      const found = faults(path, `import { a } from './a.ts'`, line, 'export const b = a')
      if (fault === null) expect(found).toEqual([])
      else expect(found).toEqual([expect.stringContaining(fault)])
      for (const one of found) expect(one.startsWith(`${path}: `)).toBe(true)
    })
  }

  it('names every fault of a file', () => {
    const path = 'protocol/src/x.ts'
    expect(faults(path, `import 'aedes'`, `import fs from 'node:fs'`, 'process.argv')).toHaveLength(3)
  })

  it('refuses a file of more than 400 lines, in src, test and scripts alike', () => {
    const lines = (count: number) => `${'x\n'.repeat(count)}`
    for (const path of ['protocol/src/x.ts', 'protocol/test/x.test.ts', 'scripts/x.ts']) {
      expect(checkSource(path, lines(400))).toEqual([])
      expect(checkSource(path, lines(401))).toEqual([expect.stringContaining('401 lines')])
    }
  })
})

describe('the scan of imports', () => {
  it('finds every way to import', () => {
    const source = `
      import a from 'default'
      import { b,
        c } from 'over-lines'
      import * as d from "double-quotes"
      import type { E } from 'type-only'
      import 'side-effect'
      export * from 're-export'
      export type { F } from 're-export-type'
      const g = await import('dynamic')
      type H = import('type-query').H
      const i = require('required')
      x(); import j from 'after-semicolon'`
    expect([...scanSource(source).imports].sort()).toEqual([
      'after-semicolon',
      'default',
      'double-quotes',
      'dynamic',
      'over-lines',
      're-export',
      're-export-type',
      'required',
      'side-effect',
      'type-only',
      'type-query',
    ])
  })

  it('takes no comment and no text for an import', () => {
    const source = `
      // import a from 'line-comment'
      /* import b from 'block-comment' */
      /** Use it: import('docstring') */
      const url = 'http://example.org' // import('after-code')
      const said = \`we import things from 'nowhere' here\`
      export const from = 'no-import'`
    expect(scanSource(source).imports).toEqual([])
  })
})
