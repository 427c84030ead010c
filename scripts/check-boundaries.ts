/*
 * npm run boundaries
 *
 * Checks every source file against scripts/boundaries/rules.ts, and bundles the device program to see what is in it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { checkSource } from './boundaries/check-source.ts'
import { bundleDevice, checkBundle } from './boundaries/device-bundle.ts'
import { DEVICE_ENTRY_BUDGET_BYTES, PACKAGE_RULES } from './boundaries/rules.ts'

const root = resolve(import.meta.dirname, '..')

function sourceFiles(): readonly string[] {
  const folders = [...Object.keys(PACKAGE_RULES).flatMap(name => [`${name}/src`, `${name}/test`]), 'scripts']
  return folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts'))
      .map(path => `${folder}/${path.replaceAll(sep, '/')}`),
  )
}

const files = sourceFiles()
const bundle = await bundleDevice(root, null)
const faults = [
  ...files.flatMap(path => checkSource(path, readFileSync(join(root, path), 'utf8'))),
  ...checkBundle(bundle, DEVICE_ENTRY_BUDGET_BYTES),
]
for (const fault of faults) console.error(fault)
const { 'ankang-device': entry, 'decode-worker': worker } = bundle.bytes
console.log(
  `boundaries: ${files.length} files, ${faults.length} faults; device entry ${entry} of ${DEVICE_ENTRY_BUDGET_BYTES} bytes, decode worker ${worker}`,
)
if (faults.length > 0) process.exitCode = 1
