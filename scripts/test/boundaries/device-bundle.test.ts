import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bundleDevice, checkBundle, type DeviceBundle } from '../../boundaries/device-bundle.ts'
import { DEVICE_ENTRY_BUDGET_BYTES } from '../../boundaries/rules.ts'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')

/** A repository with nothing but the two entries, the first with this text, and modules under node_modules. */
function plantedRepository(entry: string, modules: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'ankang-bundle-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const files = {
    'device/src/main.ts': entry,
    'device/src/adapters/zxing/decode-worker.ts': 'console.log(1)',
    ...Object.fromEntries(Object.entries(modules).map(([name, text]) => [`node_modules/${name}/index.js`, text])),
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

describe('the bundled device program', () => {
  let bundle: DeviceBundle
  beforeAll(async () => {
    bundle = await bundleDevice(ROOT, null)
  })

  it('holds nothing of the centre and stays in its budget', () => {
    expect(checkBundle(bundle, DEVICE_ENTRY_BUDGET_BYTES)).toEqual([])
    expect(bundle.modules).toContain('device/src/main.ts')
    expect(bundle.modules).toContain('protocol/src/index.ts')
  })

  it('has a budget that would notice a tenth more', () => {
    expect(bundle.bytes['ankang-device']).toBeGreaterThan(DEVICE_ENTRY_BUDGET_BYTES * 0.75)
    expect(checkBundle(bundle, bundle.bytes['ankang-device'] - 1)).toEqual([expect.stringContaining('its budget is')])
  })
})

describe('the check of the bundle', () => {
  for (const name of ['fastify', 'aedes', 'pg', '@fastify/static']) {
    it(`finds ${name} that slipped in behind another package`, async () => {
      const root = plantedRepository(`import 'innocent'`, {
        innocent: `require('${name}')`,
        [name]: `console.log('${name}')`,
      })
      const bundle = await bundleDevice(root, null)
      expect(checkBundle(bundle, DEVICE_ENTRY_BUDGET_BYTES)).toEqual([
        `device bundle: node_modules/${name}/index.js has no place on a box`,
      ])
    })
  }

  it('counts what the entry loads at once, and looks into what it loads later', async () => {
    const text = (loads: string) => `${loads}; console.log('entry')`
    const heavy = { heavy: `console.log('${'x'.repeat(5000)}'); require('pg')`, pg: 'console.log(1)' }
    const sizeWith = async (loads: string) => bundleDevice(plantedRepository(text(loads), heavy), null)
    const [atOnce, later] = [await sizeWith(`import 'heavy'`), await sizeWith(`void import('heavy')`)]
    expect(atOnce.bytes['ankang-device']).toBeGreaterThan(5000)
    expect(later.bytes['ankang-device']).toBeLessThan(2000)
    expect(checkBundle(later, 2000)).toEqual(['device bundle: node_modules/pg/index.js has no place on a box'])
  })

  it('finds controller and simulator code', () => {
    const modules = ['device/src/main.ts', 'controller/src/main.ts', 'simulators/src/city/city-platform.ts']
    const bundle = { bytes: { 'ankang-device': 5, 'decode-worker': 5 }, modules }
    expect(checkBundle(bundle, 10)).toHaveLength(2)
  })

  it('does not take an empty bundle for a small one', () => {
    const bundle = { bytes: { 'ankang-device': 0, 'decode-worker': 0 }, modules: [] }
    expect(checkBundle(bundle, 10)).toEqual([expect.stringContaining('empty')])
  })
})
